using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Reference;
using DftNative.Tests.Models;

namespace DftNative.Tests.Optimizers;

/// <summary>The update on the CPU, against the reference in fp64, which golden files of PyTorch check.</summary>
public sealed class AdamWOptimizerTests
{
    private const int Steps = 5;
    private const float LearningRate = 0.01f;

    private static readonly AdamWOptions Options = new() { Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-6f, WeightDecay = 0.5f };

    private CpuBackend backend = null!;
    private Transformer transformer = null!;

    [SetUp]
    public void MakeModel()
    {
        backend = new CpuBackend();
        transformer = new Transformer(backend, SmallModel.Configuration(ModelArchitecture.Qwen2), new TransformerOptions(8) { Training = true });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
    }

    [TearDown]
    public void DisposeModel()
    {
        transformer.Dispose();
        backend.Dispose();
    }

    [TestCase(0f, false)]
    [TestCase(0f, true)]
    [TestCase(3f, false)]
    [TestCase(3f, true)]
    [TestCase(1e6f, false)]
    public void UpdatesAreTheReferences(float maxNorm, bool excludeNormAndBias)
    {
        using var optimizer = new AdamWOptimizer(backend, transformer, Options, excludeNormAndBias, seed: 0);
        var expected = transformer.Layout.Tensors.ToDictionary(tensor => tensor.Name, tensor => new ReferenceState(ToDouble(Read(transformer.Parameters, tensor))));
        for (var step = 1; step <= Steps; step++)
        {
            var gradients = SetGradients(step);
            var norm = ReferenceAdamW.ClipByGlobalNorm([.. gradients.Values], maxNorm);
            optimizer.Step(step, LearningRate, maxNorm);
            Assert.That(optimizer.ReadGradientNorm(), Is.EqualTo(norm).Within(1e-6 * norm));
            foreach (var tensor in transformer.Layout.Tensors)
            {
                var (parameter, firstMoment, secondMoment) = expected[tensor.Name];
                ReferenceAdamW.Step(
                    parameter, gradients[tensor.Name], firstMoment, secondMoment, step, LearningRate, Options.Beta1, Options.Beta2, Options.Epsilon,
                    excludeNormAndBias && tensor.Shape.Length == 1 ? 0 : Options.WeightDecay);
            }
        }

        // A few roundings of fp32 a step.
        foreach (var tensor in transformer.Layout.Tensors)
            Assert.That(RelativeError.Of(expected[tensor.Name].Parameter, Read(transformer.Parameters, tensor)), Is.LessThan(2e-6), tensor.Name);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void AGradientThatIsNotFiniteChangesNothing(float value)
    {
        using var optimizer = new AdamWOptimizer(backend, transformer, Options, excludeNormAndBias: true, seed: 0);
        SetGradients(1);
        optimizer.Step(1, LearningRate, maxGradientNorm: 1);
        var before = (ReadAll(transformer.Parameters), ReadAll(optimizer.FirstMoment), ReadAll(optimizer.SecondMoment));
        backend.Upload<float>([value], transformer.Gradients.Slice(transformer.Layout.ArenaLength - 1, 1));
        optimizer.Step(2, LearningRate, maxGradientNorm: 1);
        Assert.Multiple(() =>
        {
            Assert.That(float.IsFinite(optimizer.ReadGradientNorm()), Is.False);
            Assert.That(ReadAll(transformer.Parameters), Is.EqualTo(before.Item1));
            Assert.That(ReadAll(optimizer.FirstMoment), Is.EqualTo(before.Item2));
            Assert.That(ReadAll(optimizer.SecondMoment), Is.EqualTo(before.Item3));
        });
    }

    /// <summary>As 0·∞ of a token whose weight is 0 and whose p is 0: the gradients are finite.</summary>
    [Test]
    public void ALossThatIsNotFiniteChangesNothing([Values(1, 2)] int sum, [Values(double.NaN, double.PositiveInfinity)] double value)
    {
        using var optimizer = new AdamWOptimizer(backend, transformer, Options, excludeNormAndBias: true, seed: 0);
        SetGradients(1);
        var before = ReadAll(transformer.Parameters);
        backend.Upload<double>([value], transformer.StepStatistics.Slice(sum, 1));
        optimizer.Step(1, LearningRate, maxGradientNorm: 1);
        var statistics = new double[TokenLossStatistics.StepLength];
        transformer.ReadStatistics(statistics);
        Assert.Multiple(() =>
        {
            Assert.That(optimizer.ReadGradientNorm(), Is.NaN);
            Assert.That(statistics[TokenLossStatistics.GradientNormIndex], Is.NaN);
            Assert.That(statistics[sum], Is.EqualTo(value));
            Assert.That(ReadAll(transformer.Parameters), Is.EqualTo(before));
            Assert.That(ReadAll(optimizer.FirstMoment), Is.All.Zero);
        });
    }

    /// <summary>Random gradients, other ones each step and of another size each tensor; the last element of the arena has one too.</summary>
    private Dictionary<string, double[]> SetGradients(int seed)
    {
        var random = new Random(seed);
        return transformer.Layout.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var scale = 0.01 + random.NextDouble();
            var values = new float[tensor.Length];
            for (var i = 0; i < values.Length; i++) values[i] = (float)(scale * ((2 * random.NextDouble()) - 1));
            backend.Upload<float>(values, transformer.Gradients.Slice(tensor.Offset, tensor.Length));
            return ToDouble(values);
        });
    }

    private float[] Read(Vector arena, ParameterTensor tensor) => ReadAll(arena.Slice(tensor.Offset, tensor.Length));

    private float[] ReadAll(Vector vector)
    {
        var values = new float[vector.Length];
        backend.Download(vector, values.AsSpan());
        return values;
    }

    private static double[] ToDouble(float[] values) => [.. values.Select(value => (double)value)];

    private sealed record ReferenceState(double[] Parameter, double[] FirstMoment, double[] SecondMoment)
    {
        public ReferenceState(double[] parameter) : this(parameter, new double[parameter.Length], new double[parameter.Length]) { }
    }
}
