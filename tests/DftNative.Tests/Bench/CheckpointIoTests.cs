using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Bench.CheckpointIo;
using DftNative.Tests.Checkpoints;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Bench;

/// <summary>
/// Three gigabytes saved and loaded, bit for bit, with little memory besides the device's. In a process of its own, whose
/// memory is nobody else's.
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed class CheckpointIoTests
{
    private const string ChildVariable = "DFTNATIVE_TEST_CHECKPOINT_IO";

    /// <summary>A quarter of what is promised, and a twelfth of what is moved. The buffers take about 100 MiB.</summary>
    private const long MaxGrowthInBytes = 256 << 20;

    /// <summary>The device's fp32 becomes bf16 in four shards, and comes back.</summary>
    [Test, Category("Slow")]
    public void AModelOnTheCpu() => InOwnProcess(nameof(AModelOnTheCpu), () => SaveAndLoad(() => new CpuBackend(), CheckpointKind.Model, files: 4));

    /// <summary>A GPU's split weights and moments.</summary>
    [Test, Category("Slow")]
    public void ATrainingCheckpointOnTheEmulator()
    {
        CudaEmulator.Require();
        InOwnProcess(nameof(ATrainingCheckpointOnTheEmulator), () => SaveAndLoad(() => new CudaBackend(), CheckpointKind.Training, files: 2));
    }

    private static void InOwnProcess(string test, Action action)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("memory is read from Linux's /proc");
        if (Environment.GetEnvironmentVariable(ChildVariable) is not null)
        {
            action();
            return;
        }

        var child = TestProcess.Run(typeof(CheckpointIoTests), test, (ChildVariable, "1"));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
    }

    private static void SaveAndLoad(Func<IBackend> open, CheckpointKind kind, int files)
    {
        using var directory = new TemporaryDirectory();
        using var backend = open();
        using var subject = new CheckpointSubject(backend, kind, directory.Path);
        var growthOfSave = Growth(subject.Save);
        Assert.That((subject.SizeInBytes > 3_000_000_000, subject.Files.Length), Is.EqualTo((true, files)));
        subject.Clear();
        var growthOfLoad = Growth(subject.Load);
        Assert.That(subject.IsWhole, "every bit comes back");
        TestContext.Out.WriteLine($"saving took {growthOfSave >> 20} MiB, loading {growthOfLoad >> 20} MiB");
        Assert.That(growthOfSave, Is.LessThan(MaxGrowthInBytes), "saving");
        Assert.That(growthOfLoad, Is.LessThan(MaxGrowthInBytes), "loading");
    }

    private static long Growth(Action action)
    {
        using var memory = new PeakMemory();
        action();
        return memory.GrowthInBytes;
    }
}
