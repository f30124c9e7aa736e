using DftNative.Reference;

namespace DftNative.Tests.Reference;

/// <summary>The reference against PyTorch's autograd, both in fp64.</summary>
[TestFixture]
internal sealed class ReferenceGoldenTests
{
    /// <summary>Two fp64 computations in different orders differ by about 1e-15; a mistake by more than 1e-3.</summary>
    private const double Tolerance = 1e-9;

    private static IEnumerable<TestCaseData> Cases =>
        from model in GoldenModel.Names
        from loss in new[] { "sft", "dft", "dft-options" }
        select new TestCaseData(model, loss).SetArgDisplayNames(model, loss);

    [TestCaseSource(nameof(Cases))]
    public void EqualsPyTorch(string name, string lossName)
    {
        var model = new GoldenModel(name);
        var expected = model.File.Document.GetProperty("losses").GetProperty(lossName);
        var transformer = new ReferenceTransformer(model.Configuration(), model.Parameters());

        var result = transformer.Run(model.Rows(expected.GetProperty("token_weights").GetBoolean()), model.Loss(expected));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(RelativeError.Of([expected.GetProperty("loss").GetDouble()], [result.Loss]), Is.LessThanOrEqualTo(Tolerance));
            Assert.That(RelativeError.Of([expected.GetProperty("nll").GetDouble()], [result.NegativeLogLikelihood]), Is.LessThanOrEqualTo(Tolerance));
            Assert.That(RelativeError.Of([expected.GetProperty("mean_p").GetDouble()], [result.MeanTokenProbability]), Is.LessThanOrEqualTo(Tolerance));
            Assert.That(result.TokenCount, Is.EqualTo(expected.GetProperty("tokens").GetInt32()));
            Assert.That(result.TokenAccuracy, Is.EqualTo(expected.GetProperty("correct").GetDouble() / result.TokenCount));
            Assert.That(RelativeError.Of(model.File.Tensor($"{lossName}/token.log_prob"), result.LogProbabilities), Is.LessThanOrEqualTo(Tolerance));
            Assert.That(result.Gradients.Keys, Is.EquivalentTo(model.Parameters().Keys));
            foreach (var (parameter, gradient) in result.Gradients)
                Assert.That(RelativeError.Of(model.File.Tensor($"{lossName}/grad.{parameter}"), gradient), Is.LessThanOrEqualTo(Tolerance), parameter);
        }
    }

    [Test]
    public void AdamWEqualsPyTorch()
    {
        var file = new GoldenFile("adamw");
        double Option(string name) => file.Document.GetProperty(name).GetDouble();
        double[][] parameters = [file.Tensor("initial.0"), file.Tensor("initial.1")];
        var firstMoments = parameters.Select(parameter => new double[parameter.Length]).ToArray();
        var secondMoments = parameters.Select(parameter => new double[parameter.Length]).ToArray();
        var step = 0;
        foreach (var learningRate in file.Document.GetProperty("learning_rates").EnumerateArray())
        {
            step++;
            double[][] gradients = [file.Tensor($"{step}/grad.0"), file.Tensor($"{step}/grad.1")];
            var norm = ReferenceAdamW.ClipByGlobalNorm(gradients, Option("max_norm"));
            Assert.That(RelativeError.Of([file.Document.GetProperty("norms")[step - 1].GetDouble()], [norm]), Is.LessThanOrEqualTo(Tolerance));
            for (var i = 0; i < parameters.Length; i++)
            {
                ReferenceAdamW.Step(
                    parameters[i], gradients[i], firstMoments[i], secondMoments[i], step,
                    learningRate.GetDouble(), Option("beta1"), Option("beta2"), Option("epsilon"), Option("weight_decay"));
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(RelativeError.Of(file.Tensor($"{step}/parameter.{i}"), parameters[i]), Is.LessThanOrEqualTo(Tolerance), $"parameter {i}, step {step}");
                    Assert.That(RelativeError.Of(file.Tensor($"{step}/first_moment.{i}"), firstMoments[i]), Is.LessThanOrEqualTo(Tolerance), $"m {i}, step {step}");
                    Assert.That(RelativeError.Of(file.Tensor($"{step}/second_moment.{i}"), secondMoments[i]), Is.LessThanOrEqualTo(Tolerance), $"v {i}, step {step}");
                }
            }
        }
    }
}
