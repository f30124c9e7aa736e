using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation;
using DftNative.Losses;
using DftNative.Tests.Training;
using DftNative.Training;

namespace DftNative.Tests.Evaluation;

/// <summary>The gradient check: what it finds, and what it writes.</summary>
public sealed class GradientCheckTests
{
    /// <summary>fp32 sums over some hundred terms are off by about 1e-6.</summary>
    private const double Tolerance = 2e-5;

    [Test]
    public void TheCpuAgreesWithTheReference([Values] LossType lossType, [Values] bool packing)
    {
        using var run = new TinyRun();
        using var check = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options() with { LossType = lossType, Packing = packing });
        var result = check.Run();
        Assert.Multiple(() =>
        {
            Assert.That(result.IsWithin(Tolerance), $"{result.Worst}");
            Assert.That(result.LogProbabilityError, Is.InRange(0, 1e-4));
            Assert.That(result.Parameters, Has.Count.EqualTo(run.Model.Layout.Tensors.Count));
            Assert.That(result.Worst.RelativeError, Is.GreaterThan(0));
        });
    }

    [Test]
    public void LogProbabilitiesAreInTheOrderOfTheRows()
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows(9);
        using var packed = new GradientCheck(run.Backend, run.Model, rows, Options() with { MicroBatchTokens = 40 });
        using var alone = new GradientCheck(run.Backend, run.Model, rows, Options() with { Packing = false });
        Assert.That(packed.Run().LogProbabilities, Is.EqualTo(alone.Run().LogProbabilities).Within(1e-5f));
    }

    [TestCase(DftGranularity.Sentence)]
    [TestCase(DftGranularity.Geometric)]
    public void AResponsesProbabilityAgreesWithTheReference(DftGranularity granularity)
    {
        using var run = new TinyRun();
        using var check = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options() with { DftGranularity = granularity });
        var result = check.Run();
        Assert.That(result.IsWithin(Tolerance), $"{result.Worst}");
        Assert.That(result.Worst.ReferenceNorm, Is.GreaterThan(0));
    }

    /// <summary>64 tokens of p = 1/64 are 1e-115 together: the device has zeros, which is the right fp32 number.</summary>
    [Test]
    public void AProductBeyondTheRangeOfFp32Agrees()
    {
        using var run = new TinyRun();
        int[] ids = [.. Enumerable.Range(0, 64)];
        using var check = new GradientCheck(run.Backend, run.Model, [new TrainingRow(ids, ids)], Options() with { DftGranularity = DftGranularity.Sentence });
        var result = check.Run();
        Assert.Multiple(() =>
        {
            Assert.That(result.ReferenceLoss, Is.InRange(1e-150, 1e-60));
            Assert.That(result.Loss, Is.Zero);
            Assert.That(result.IsWithin(Tolerance), $"{result.Worst}");
        });
    }

    [Test]
    public void TheFrozenModelMayBeAnotherOne([Values(0.1, 3)] double alpha)
    {
        using var run = new TinyRun();
        using var other = run.OtherModel();
        using var check = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options() with { LossType = LossType.Asft, AsftAlpha = alpha }, other);
        using var alone = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options());
        var (result, dft) = (check.Run(), alone.Run());
        Assert.Multiple(() =>
        {
            Assert.That(result.IsWithin(Tolerance), $"{result.Worst}");
            Assert.That(result.Loss, Is.GreaterThan(dft.Loss));
            Assert.That(result.NegativeLogLikelihood, Is.EqualTo(dft.NegativeLogLikelihood));
        });
    }

    /// <summary>A model has no distance from itself: not even by rounding.</summary>
    [Test]
    public void AtItsStartAsftIsDft()
    {
        using var run = new TinyRun();
        using var asft = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options() with { LossType = LossType.Asft, AsftAlpha = 5 });
        using var dft = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(9), Options());
        Assert.That(asft.Run().Loss, Is.EqualTo(dft.Run().Loss));
    }

    [Test]
    public void AnotherVocabularyIsRefused()
    {
        using var run = new TinyRun();
        using var other = run.OtherModel(vocabularySize: 72);
        var exception = Assert.Throws<DftNativeException>(
            () => new GradientCheck(run.Backend, run.Model, TinyRun.Rows(3), Options() with { LossType = LossType.Asft }, other).Dispose());
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        Assert.That(exception.Message, Does.Contain("vocabulary of 72").And.Contain("64").And.Contain("reference_model"));
    }

    [Test]
    public void AWrongWeightIsFound()
    {
        using var run = new TinyRun();
        using var check = new GradientCheck(run.Backend, run.Model, TinyRun.Rows(3), Options());
        var result = check.Run();
        var wrong = result with { Parameters = [.. result.Parameters, new ParameterError("wrong", 1, double.NaN)] };
        Assert.Multiple(() =>
        {
            Assert.That(wrong.IsWithin(1), Is.False);
            Assert.That(wrong.Worst.Name, Is.EqualTo("wrong"));
            Assert.That((result with { Loss = result.Loss * 1.01 }).IsWithin(1e-3), Is.False);
        });
    }

    [Test]
    public void TheDumpHoldsGradientsLogProbabilitiesAndSums()
    {
        using var run = new TinyRun();
        TrainingRow[] rows = [.. TinyRun.Rows(5), new([3, 4], [-100, -100])];
        using var check = new GradientCheck(run.Backend, run.Model, rows, Options());
        var result = check.Run();
        check.Dump(run.PathOf("dump.safetensors"), result);
        using var dump = SafetensorsFile.Open(run.PathOf("dump.safetensors"));
        var logProbabilities = new float[result.LogProbabilities.Length];
        dump.Read(dump.Tensors["token.log_prob"], 0, logProbabilities);
        Assert.Multiple(() =>
        {
            Assert.That(dump.Tensors.Keys, Is.EquivalentTo(run.Model.Layout.Tensors.Select(tensor => "grad." + tensor.Name).Append("token.log_prob")));
            Assert.That(dump.Tensors["grad.model.embed_tokens.weight"].Shape, Is.EqualTo(new long[] { 64, 32 }));
            Assert.That(logProbabilities, Is.EqualTo(result.LogProbabilities));
            Assert.That(dump.Metadata["tokens"], Is.EqualTo($"{rows.Sum(row => row.CountTargets())}"));
            Assert.That(double.Parse(dump.Metadata["loss"]), Is.EqualTo(-logProbabilities.Average(value => Math.Exp(value) * value)).Within(1e-6));
            Assert.That(double.Parse(dump.Metadata["nll"]), Is.EqualTo(-logProbabilities.Average(value => (double)value)).Within(1e-6));
        });
    }

    private static TrainingOptions Options() => new() { MicroBatchTokens = 64 };
}
