using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Evaluation;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>Training in the precisions that keep fewer bits: repeatable and resumed to the bit, and close to exact's.</summary>
internal sealed class CudaPrecisionTests : CudaBackendFixture
{
    private static readonly Precision[] Reduced = [Precision.Lean, Precision.Tiny];

    /// <summary>Exact's losses are within 2 % of the CPU's fp32; bf16 gradients, rounded once an addition, move them as little.</summary>
    [TestCaseSource(nameof(Reduced))]
    public void TwentyStepsAreTheSameInEveryOrderAndCloseToExacts(Precision precision)
    {
        using var run = new CudaRun();
        var losses = run.Train(Backend, Options(run, "natural", precision));
        foreach (var seed in (ulong[])[1, 2])
        {
            CudaEmulator.SetOrder(seed);
            Assert.That(run.Train(Backend, Options(run, $"order-{seed}", precision)), Is.EqualTo(losses));
            AssertSameFiles(run, $"order-{seed}", "natural", step: 20);
        }

        CudaEmulator.SetOrder(0);
        var exact = run.Train(Backend, Options(run, "exact", Precision.Exact));
        Assert.Multiple(() =>
        {
            Assert.That(losses[^1], Is.Not.EqualTo(losses[0]).Within(20).Percent, "nothing was learnt");
            Assert.That(losses, Is.Not.EqualTo(exact), "fewer bits");
            for (var step = 0; step < losses.Count; step++) Assert.That(losses[step], Is.EqualTo(exact[step]).Within(3).Percent, $"step {step + 1}");
        });
    }

    [Test]
    public void AResumedRunIsBitwiseTheUnbrokenOne(
        [Values(Precision.Lean, Precision.Tiny)] Precision precision, [Values(SaveDataType.Auto, SaveDataType.Float32)] SaveDataType saveDataType)
    {
        using var run = new CudaRun();
        TrainingOptions Short(string output) => Options(run, output, precision) with { SaveDataType = saveDataType, MaxSteps = 5 };
        run.Train(Backend, Short("unbroken"));
        run.Train(Backend, Short("broken"), stopAfterStep: 2);
        run.Train(Backend, Short("broken") with { ResumeFromCheckpoint = "latest" });
        AssertSameFiles(run, "broken", "unbroken", step: 5);
    }

    [Test]
    public void MomentsAreStoredInTheTypeThatTheyAreOf()
    {
        using var run = new CudaRun();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            run.Train(Backend, Options(run, precision.Name(), precision) with { MaxSteps = 1 });
            using var file = SafetensorsFile.Open(Path.Combine(run.PathOf(precision.Name()), "checkpoint-1", "optimizer.safetensors"));
            var moments = precision == Precision.Exact ? SafetensorsDataType.F32 : SafetensorsDataType.BF16;
            Assert.Multiple(() =>
            {
                Assert.That(TypesOf(file, "exp_avg."), Is.EqualTo(new[] { moments }));
                Assert.That(TypesOf(file, "exp_avg_sq."), Is.EqualTo(new[] { moments }));
                Assert.That(TypesOf(file, "master."), Is.EqualTo(precision == Precision.Tiny ? [] : new[] { SafetensorsDataType.F32 }));
            });
        }

        static SafetensorsDataType[] TypesOf(SafetensorsFile file, string prefix) => [.. file.Tensors.Values
            .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor.DataType).Distinct()];
    }

    [Test]
    public void ACheckpointIsNotContinuedInAnotherPrecision()
    {
        using var run = new CudaRun();
        run.Train(Backend, Options(run, "lean", Precision.Lean) with { MaxSteps = 3 }, stopAfterStep: 1);
        foreach (var other in (Precision[])[Precision.Exact, Precision.Tiny])
        {
            var options = Options(run, "lean", other) with { MaxSteps = 3, ResumeFromCheckpoint = "latest" };
            var exception = Assert.Throws<DftNativeException>(() => run.Train(Backend, options));
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain($"precision was lean and is {other.Name()}"));
        }
    }

    [TestCaseSource(nameof(Reduced))]
    public void TheCpuHasNoSuchPrecision(Precision precision)
    {
        using var run = new CudaRun();
        using var cpu = new CpuBackend(1);
        var exception = Assert.Throws<DftNativeException>(() => run.Train(cpu, Options(run, "cpu", precision)));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.StartWith($"precision {precision.Name()} needs a GPU"));
        Assert.That(Directory.Exists(run.PathOf("cpu")), Is.False);
    }

    /// <summary>The tolerance of bf16 activations holds: the gradients' own rounding is 2⁻⁸ an addition at most, and unbiased.</summary>
    [Test]
    public void GradientsOfEveryArchitectureAgreeWithTheReference([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture)
    {
        using var run = new CudaRun(architecture);
        var exact = Check(run, new TrainingOptions { MicroBatchTokens = 40 });
        var lean = Check(run, new TrainingOptions { MicroBatchTokens = 40, Precision = Precision.Lean });
        Assert.Multiple(() =>
        {
            Assert.That(lean.IsWithin(0.12), $"{lean.Worst}");
            Assert.That(lean.Loss, Is.EqualTo(exact.Loss), "forward is the same");
            for (var i = 0; i < lean.Parameters.Count; i++)
                Assert.That(lean.Parameters[i].RelativeError, Is.EqualTo(exact.Parameters[i].RelativeError).Within(0.02), lean.Parameters[i].Name);
        });

        GradientCheckResult Check(CudaRun source, TrainingOptions options)
        {
            using var check = new GradientCheck(Backend, source.Model, CudaRun.Rows(9), options);
            return check.Run();
        }
    }

    /// <summary>Weights, master, gradients and moments of each mode, as the device's memory counts them.</summary>
    [TestCase(Precision.Exact, 16)]
    [TestCase(Precision.Lean, 10)]
    [TestCase(Precision.Tiny, 8)]
    public void BytesOfAParameter(Precision precision, int expected)
    {
        using var run = new CudaRun();
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(8) { Training = true, GradientType = precision.StateType() });
        var gradients = transformer.Gradients.Buffer!.SizeInBytes;
        var before = Backend.AllocatedBytes;
        using var optimizer = new AdamWOptimizer(Backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 1, precision);
        const int normAndClip = 8;
        var state = Backend.AllocatedBytes - before - normAndClip;
        Assert.That(transformer.Parameters.Buffer!.SizeInBytes + gradients + state, Is.EqualTo(expected * transformer.Layout.ArenaLength));
    }

    private static TrainingOptions Options(CudaRun run, string output, Precision precision) => run.Options(output) with { Precision = precision };

    private static void AssertSameFiles(CudaRun run, string actual, string expected, int step)
    {
        foreach (var file in new[] { "model.safetensors", "optimizer.safetensors", "trainer_state.json" })
            Assert.That(Bytes(actual, $"checkpoint-{step}", file), Is.EqualTo(Bytes(expected, $"checkpoint-{step}", file)), file);
        Assert.That(Bytes(actual, "final", "model.safetensors"), Is.EqualTo(Bytes(expected, "final", "model.safetensors")));

        byte[] Bytes(string output, string directory, string file) => File.ReadAllBytes(Path.Combine(run.PathOf(output), directory, file));
    }
}
