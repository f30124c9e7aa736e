using DftNative.Backends.Cpu;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;

namespace DftNative.Tests.Models;

/// <summary>The transformer on the CPU backend against the fp64 reference, and against itself cut up differently.</summary>
public sealed class TransformerGradientTests
{
    /// <summary>fp32 sums of some hundred terms: about 1e-6; a wrong formula is off by far more than 1e-4.</summary>
    private const double Tolerance = 2e-5;

    private static readonly Dictionary<string, TokenLossOptions> Losses = new()
    {
        ["sft"] = new() { LossType = LossType.Sft },
        ["dft"] = new(),
        ["weighted"] = new() { DftExponent = 0.7f, DftMinWeight = 0.05f, EosWeight = 0.4f },
        ["focal"] = new() { LossType = LossType.Focal, FocalGamma = 0.5f },
        ["eaft"] = new() { LossType = LossType.Eaft, EosWeight = 0.4f },
        ["eaft of 5"] = new() { LossType = LossType.Eaft, EaftAlpha = 1.5f, EaftTopK = 5 },
        ["asft"] = new() { LossType = LossType.Asft },
        ["asft weighted"] = new() { LossType = LossType.Asft, AsftAlpha = 0.7f, DftExponent = 0.5f, EosWeight = 0, DftGranularity = DftGranularity.Geometric },
        ["sentence"] = new() { DftGranularity = DftGranularity.Sentence, DftExponent = 0.05f, EosWeight = 0.01f },
        ["geometric"] = new() { DftGranularity = DftGranularity.Geometric, DftMinWeight = 0.01f },
    };

    private static IEnumerable<string> LossNames => Losses.Keys;

    private static ModelConfiguration FrozenConfiguration => SmallModel.Configuration(ModelArchitecture.Qwen2) with { HiddenSize = 24, LayerCount = 1 };

    [Test]
    public void EveryArchitectureEqualsTheReference(
        [Values] ModelArchitecture architecture, [Values] bool tied, [ValueSource(nameof(LossNames))] string loss, [Values] bool packed) =>
        Check(SmallModel.Configuration(architecture, tied), Losses[loss], packed, SmallModel.Rows(5, 1, 23, 2, 37, 140));

    [TestCase(2.5)]
    public void LinearScalingEqualsTheReference(double factor) =>
        Check(SmallModel.Configuration(ModelArchitecture.Llama, scaling: new RotaryScaling.Linear(factor)), new TokenLossOptions(), true, SmallModel.Rows(6, 50, 20));

    [Test]
    public void Llama3ScalingEqualsTheReference() =>
        Check(SmallModel.Configuration(ModelArchitecture.Llama, scaling: new RotaryScaling.Llama3(8, 1, 4, 64)), new TokenLossOptions(), true, SmallModel.Rows(6, 50, 20));

    [Test]
    public void OutputBiasEqualsTheReference() =>
        Check(
            SmallModel.Configuration(ModelArchitecture.Llama) with { QueryKeyValueBias = true, AttentionOutputBias = true },
            new TokenLossOptions(), true, SmallModel.Rows(7, 30, 20));

    [Test]
    public void GradientsDoNotDependOnPackingOrAccumulation([ValueSource(nameof(LossNames))] string loss)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2);
        var rows = SmallModel.Rows(8, 12, 33, 7, 64, 20, 5);
        using var backend = new CpuBackend();
        var whole = Gradients(backend, configuration, Losses[loss], [rows], out _);
        var cut = Gradients(backend, configuration, Losses[loss], [[rows[3]], [rows[5], rows[0]], [rows[1], rows[2], rows[4]]], out _);
        foreach (var (name, values) in whole)
            Assert.That(RelativeError.Of(Array.ConvertAll(values, value => (double)value), cut[name]), Is.LessThan(1e-5), name);
    }

    [Test]
    public void ResultsDoNotDependOnTheNumberOfThreads([Values("weighted", "eaft", "asft weighted")] string loss)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen3, tied: false);
        var rows = SmallModel.Rows(9, 100, 90, 170);
        using var one = new CpuBackend(1);
        using var three = new CpuBackend(3);
        var first = Gradients(one, configuration, Losses[loss], [rows], out _);
        var second = Gradients(three, configuration, Losses[loss], [rows], out _);
        foreach (var (name, values) in first) Assert.That(second[name], Is.EqualTo(values), name);
    }

    [Test]
    public void ABatchWithoutTargetsAddsNothing()
    {
        var row = new TrainingRow([5, 6, 7], [-100, -100, -100]);
        using var backend = new CpuBackend();
        var gradients = Gradients(backend, SmallModel.Configuration(ModelArchitecture.Llama), new TokenLossOptions(), [[row]], out var statistics);
        Assert.Multiple(() =>
        {
            Assert.That(statistics.Tokens, Is.Zero);
            Assert.That(statistics.Loss, Is.Zero);
            Assert.That(gradients.Values.SelectMany(values => values), Is.All.Zero);
        });
    }

    [Test]
    public void AStepAllocatesNoManagedMemoryAfterWarmUp([Values("dft", "focal", "eaft", "asft", "geometric")] string loss)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen3);
        var batch = new MicroBatch(SmallModel.Rows(10, 40, 30), Losses[loss], []);
        var weighting = Losses[loss].Weighting;
        using var backend = new CpuBackend(2);
        using var frozen = Frozen(backend, batch.TokenCount);
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(batch.TokenCount) { Training = true });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        transformer.FrozenReference = frozen;
        using var optimizer = new DftNative.Optimizers.AdamWOptimizer(backend, transformer, new(), excludeNormAndBias: true, seed: 0);
        var pass = transformer.Prepare(batch);
        var step = 0;
        while (step < 50) Step();
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 10; i++) Step();
        });

        void Step()
        {
            transformer.ZeroGradients();
            transformer.ForwardBackward(pass, weighting, 1f / batch.TargetCount);
            optimizer.Step(++step, 1e-4f, 1);
        }
    }

    private static void Check(ModelConfiguration configuration, TokenLossOptions options, bool packed, TrainingRow[] rows)
    {
        using var backend = new CpuBackend();
        TrainingRow[][] batches = packed ? [rows] : [.. rows.Select(row => new[] { row })];
        var gradients = Gradients(backend, configuration, options, batches, out var statistics, out var logProbabilities);
        var parameters = SmallModel.Parameters(new ParameterLayout(configuration));
        var frozen = options.LossType == LossType.Asft ? Reference(FrozenConfiguration, SmallModel.Parameters(new ParameterLayout(FrozenConfiguration), seed: 4)) : null;
        var reference = Reference(configuration, parameters).Run(rows, ReferenceLoss.Of(options, configuration), frozen);
        Assert.Multiple(() =>
        {
            Assert.That(statistics.Tokens, Is.EqualTo(reference.TokenCount));
            Assert.That(statistics.Loss, Is.EqualTo(reference.Loss).Within(Tolerance * reference.Loss));
            Assert.That(statistics.NegativeLogLikelihood, Is.EqualTo(reference.NegativeLogLikelihood).Within(Tolerance * reference.NegativeLogLikelihood));
            Assert.That(statistics.MeanTokenProbability, Is.EqualTo(reference.MeanTokenProbability).Within(Tolerance));
            Assert.That(statistics.TokenAccuracy, Is.EqualTo(reference.TokenAccuracy).Within(1e-12));
            Assert.That(statistics.Histogram.Sum(), Is.EqualTo(statistics.Tokens));
            Assert.That(RelativeError.Of(reference.LogProbabilities, logProbabilities), Is.LessThan(Tolerance));
            foreach (var (name, values) in gradients) Assert.That(RelativeError.Of(reference.Gradients[name], values), Is.LessThan(Tolerance), name);
        });
    }

    private static ReferenceTransformer Reference(ModelConfiguration configuration, Dictionary<string, float[]> parameters) =>
        new(configuration, parameters.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, value => (double)value)));

    /// <summary>A frozen model of another width and architecture, for the losses that have one.</summary>
    private static Transformer Frozen(CpuBackend backend, int maxTokens)
    {
        var frozen = new Transformer(backend, FrozenConfiguration, new TransformerOptions(maxTokens));
        SmallModel.Load(backend, frozen, SmallModel.Parameters(frozen.Layout, seed: 4));
        return frozen;
    }

    private static Dictionary<string, float[]> Gradients(
        CpuBackend backend, ModelConfiguration configuration, TokenLossOptions options, TrainingRow[][] batches, out TokenLossStatistics statistics) =>
        Gradients(backend, configuration, options, batches, out statistics, out _);

    private static Dictionary<string, float[]> Gradients(
        CpuBackend backend, ModelConfiguration configuration, TokenLossOptions options, TrainingRow[][] batches, out TokenLossStatistics statistics, out float[] logProbabilities)
    {
        var microBatches = batches.Select(rows => new MicroBatch(rows, options, configuration.EosTokenIds)).ToArray();
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(microBatches.Max(batch => batch.TokenCount)) { Training = true });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        using var frozen = Frozen(backend, transformer.MaxTokens);
        transformer.FrozenReference = frozen;
        var targets = microBatches.Sum(batch => batch.TargetCount);
        var collected = new List<float>();
        foreach (var batch in microBatches)
        {
            transformer.ForwardBackward(batch, options.Weighting, 1f / Math.Max(1, targets));
            var values = new float[batch.TargetCount];
            transformer.ReadLogProbabilities(values);
            collected.AddRange(values);
        }

        (statistics, logProbabilities) = (transformer.ReadStatistics(), [.. collected]);
        return transformer.Layout.Tensors.ToDictionary(tensor => tensor.Name, tensor => SmallModel.Gradient(backend, transformer, tensor));
    }
}
