using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;

namespace DftNative.Tests.Reference;

/// <summary>The whole reference against central differences, and what it promises beside gradients.</summary>
[TestFixture]
internal sealed class ReferenceTransformerTests
{
    private const int Ignored = TrainingRow.IgnoredLabel;

    private static readonly TrainingRow[] Rows =
    [
        new([4, 1, 9, 2, 2, 7], [4, Ignored, 9, 2, 5, 0], [1, 1, 1, 0.5f, 2, 1]),
        new([3], [3]),
        new([8, 3, 6], [Ignored, 3, Ignored]),
    ];

    private static IEnumerable<TestCaseData> Models =>
        from architecture in Enum.GetValues<ModelArchitecture>()
        from biasAndTie in new[] { false, true }
        from loss in Enum.GetValues<LossType>().Select(type => (type, DftGranularity.Token))
            .Append((LossType.Dft, DftGranularity.Sentence)).Append((LossType.Dft, DftGranularity.Geometric)).Append((LossType.Asft, DftGranularity.Geometric))
        select new TestCaseData(architecture, biasAndTie, loss.Item1, loss.Item2);

    [TestCaseSource(nameof(Models))]
    public void GradientsEqualCentralDifferences(ModelArchitecture architecture, bool biasAndTie, LossType type, DftGranularity granularity)
    {
        var configuration = Configuration(architecture) with
        {
            QueryKeyValueBias = biasAndTie,
            AttentionOutputBias = biasAndTie,
            TieWordEmbeddings = biasAndTie,
            RopeScaling = biasAndTie ? new RotaryScaling.Linear(1.5) : new RotaryScaling.Llama3(4, 1, 4, 32),
        };
        var parameters = Parameters(configuration);
        var transformer = new ReferenceTransformer(configuration, parameters);
        // A frozen model of its own: another seed and another width, the same vocabulary.
        var frozenConfiguration = Configuration(ModelArchitecture.Llama) with { HiddenSize = 12, LayerCount = 1 };
        var frozen = type == LossType.Asft ? new ReferenceTransformer(frozenConfiguration, Parameters(frozenConfiguration, seed: 8)) : null;
        var loss = new ReferenceLoss
        {
            Type = type,
            Exponent = 0.5,
            Granularity = granularity,
            EntropyTopK = 4,
            DivergenceFactor = 0.3,
            EosWeight = 0.7,
            EosTokenIds = [0],
        };
        var result = transformer.Run(Rows, loss, frozen);

        // The weights are held constant, as the definition of the loss says, so the losses are made here from the logits; asft's
        // divergence is not.
        double Loss() => -RandomValues.Project(result.Weights, LogProbabilities(transformer, configuration.VocabularySize)) / result.TokenCount
            + (frozen is null ? 0 : 0.3 * Divergences(transformer, frozen, configuration.VocabularySize) / result.TokenCount);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Loss, Is.EqualTo(Loss()).Within(1e-13));
            Assert.That(result.LogProbabilities, Is.EqualTo(LogProbabilities(transformer, configuration.VocabularySize)).Within(1e-13));
            Assert.That(result.Gradients.Keys, Is.EquivalentTo(parameters.Keys));
            foreach (var (name, parameter) in parameters)
            {
                // Every element of the small tensors, a spread of the others; of the embeddings, rows of tokens that occur.
                var stride = Math.Max(1, parameter.Length / 16 - 1);
                int[] elements = [.. Enumerable.Range(0, parameter.Length / stride).Select(i => i * stride)];
                var expected = FiniteDifference.Gradient(Loss, parameter, elements);
                Assert.That(
                    RelativeError.Of(expected, [.. elements.Select(i => result.Gradients[name][i])]), Is.LessThanOrEqualTo(FiniteDifference.Tolerance), name);
                Assert.That(expected.Any(value => value != 0), name + " has a gradient");
            }
        }
    }

    [Test]
    public void MeansAreOverTheTargetsOfAllRows()
    {
        var result = Run(Configuration(ModelArchitecture.Llama), Rows, new ReferenceLoss { Exponent = 0.5 });
        var p = result.LogProbabilities.Select(Math.Exp).ToArray();
        double[] tokenWeights = [1, 0.5, 2, 1, 1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.TokenCount, Is.EqualTo(5));
            Assert.That(result.Weights, Is.EqualTo(p.Zip(tokenWeights, (probability, weight) => weight * Math.Sqrt(probability))).Within(1e-15));
            Assert.That(result.Loss, Is.EqualTo(-RandomValues.Project(result.Weights, result.LogProbabilities) / 5).Within(1e-15));
            Assert.That(result.NegativeLogLikelihood, Is.EqualTo(-result.LogProbabilities.Average()).Within(1e-15));
            Assert.That(result.MeanTokenProbability, Is.EqualTo(p.Average()).Within(1e-15));
        }
    }

    [Test]
    public void WithoutTargetsEverythingIsZero()
    {
        var result = Run(Configuration(ModelArchitecture.Qwen3), [new([1, 2], [1, Ignored])], new ReferenceLoss());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.TokenCount, Is.Zero);
            Assert.That(result.Loss, Is.Zero);
            Assert.That(result.NegativeLogLikelihood, Is.Zero);
            Assert.That(result.TokenAccuracy, Is.Zero);
            Assert.That(result.Gradients.Values.SelectMany(gradient => gradient), Is.All.Zero);
        }
    }

    [Test]
    public void ARowOfManyTargetsEqualsItsPieces()
    {
        // More targets than the logits are kept for at one time, against rows with the same tokens and one target each.
        var configuration = Configuration(ModelArchitecture.Qwen2) with { LayerCount = 1 };
        int[] ids = [.. Enumerable.Range(0, 140).Select(i => i * i % configuration.VocabularySize)];
        TrainingRow Only(int target) => new(ids, [.. ids.Select((id, t) => t == target ? id : Ignored)]);

        var whole = Run(configuration, [new(ids, ids)], new ReferenceLoss());
        var pieces = Run(configuration, [.. Enumerable.Range(1, 139).Select(Only)], new ReferenceLoss());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.LogProbabilities, Is.EqualTo(pieces.LogProbabilities).Within(1e-13));
            foreach (var (name, gradient) in pieces.Gradients)
                Assert.That(RelativeError.Of(gradient, whole.Gradients[name]), Is.LessThanOrEqualTo(1e-12), name);
        }
    }

    [Test]
    public void RunsAreBitwiseTheSame()
    {
        // Large enough that every loop uses several threads.
        var configuration = Configuration(ModelArchitecture.Qwen2) with { HiddenSize = 64, IntermediateSize = 96, VocabularySize = 500, HeadDimension = 16 };
        int[] ids = [.. Enumerable.Range(0, 60).Select(i => i * 7 % 500)];
        var first = Run(configuration, [new(ids, ids)], new ReferenceLoss());
        var second = Run(configuration, [new(ids, ids)], new ReferenceLoss());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.LogProbabilities, Is.EqualTo(first.LogProbabilities));
            foreach (var (name, gradient) in first.Gradients) Assert.That(second.Gradients[name], Is.EqualTo(gradient), name);
        }
    }

    [Test]
    public void RefusesParametersThatAreNotTheModels()
    {
        var configuration = Configuration(ModelArchitecture.Llama);
        var parameters = Parameters(configuration);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => new ReferenceTransformer(configuration with { TieWordEmbeddings = true }, parameters),
                Throws.ArgumentException.With.Message.Contains("lm_head.weight"));
            Assert.That(
                () => new ReferenceTransformer(configuration with { QueryKeyValueBias = true }, parameters),
                Throws.ArgumentException.With.Message.Contains("model.layers.0.self_attn.q_proj.bias"));
            Assert.That(
                () => new ReferenceTransformer(configuration with { VocabularySize = 12 }, parameters),
                Throws.ArgumentException.With.Message.Contains("has 88 elements, the configuration asks for 96"));
        }
    }

    private static ModelConfiguration Configuration(ModelArchitecture architecture) => new()
    {
        Architecture = architecture,
        VocabularySize = 11,
        HiddenSize = 8,
        IntermediateSize = 10,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadDimension = 6,
        RmsNormEpsilon = 0.01f,
        RopeTheta = 100,
        MaxPositionEmbeddings = 256,
        TieWordEmbeddings = false,
    };

    /// <summary>Random parameters of the names and shapes that a checkpoint has.</summary>
    private static Dictionary<string, double[]> Parameters(ModelConfiguration configuration, int seed = 3)
    {
        var random = new RandomValues(seed);
        return new ParameterLayout(configuration).Tensors.ToDictionary(
            tensor => tensor.Name, tensor => random.Array((int)tensor.Length, 0.6, tensor.Name.Contains("norm", StringComparison.Ordinal) ? 1 : 0));
    }

    private static ReferenceResult Run(ModelConfiguration configuration, TrainingRow[] rows, ReferenceLoss loss) =>
        new ReferenceTransformer(configuration, Parameters(configuration)).Run(rows, loss);

    /// <summary>Σ over the targets of <see cref="Rows"/> of the data's factor times KL(frozen ‖ model).</summary>
    private static double Divergences(ReferenceTransformer transformer, ReferenceTransformer frozen, int vocabulary) => Rows.Sum(row =>
    {
        var (logits, frozenLogits) = (transformer.Logits(row.InputIds), frozen.Logits(row.InputIds));
        return Enumerable.Range(1, row.Labels.Length - 1).Where(t => row.Labels[t] != Ignored).Sum(t =>
        {
            var (p, q) = (Softmax(logits), Softmax(frozenLogits));
            return (row.TokenWeights?[t] ?? 1) * q.Zip(p, (frozenShare, share) => frozenShare * Math.Log(frozenShare / share)).Sum();

            double[] Softmax(double[] all)
            {
                var powers = all[((t - 1) * vocabulary)..(t * vocabulary)].Select(Math.Exp).ToArray();
                return [.. powers.Select(power => power / powers.Sum())];
            }
        });
    });

    /// <summary>log p of every target of <see cref="Rows"/>, from the logits.</summary>
    private static double[] LogProbabilities(ReferenceTransformer transformer, int vocabulary) =>
        [.. Rows.SelectMany(row =>
        {
            var logits = transformer.Logits(row.InputIds);
            return Enumerable.Range(1, row.Labels.Length - 1).Where(t => row.Labels[t] != Ignored).Select(t =>
            {
                var scores = logits[((t - 1) * vocabulary)..(t * vocabulary)];
                return scores[row.Labels[t]] - Math.Log(scores.Sum(Math.Exp));
            });
        })];
}
