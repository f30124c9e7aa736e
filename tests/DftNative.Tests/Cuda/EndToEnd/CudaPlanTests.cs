using System.Globalization;
using DftNative.Backends.Cuda;
using DftNative.Data;
using DftNative.Models;
using DftNative.Tests.CommandLine;
using DftNative.Training.Planning;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>What <c>train</c> chooses for an emulated device of so many bytes, and what it refuses.</summary>
internal sealed class CudaPlanTests
{
    private const int MicroBatchTokens = 512;

    [OneTimeSetUp]
    public void BuildEmulator() => CudaEmulator.Require();

    /// <summary>A device that holds to the byte what a level takes runs it by itself; one byte less is refused with what would help.</summary>
    [Test]
    public void TheLastByteDecides()
    {
        using var run = new CudaRun("llama");
        var rows = run.WriteRows(CudaRun.Rows(6, longest: 100));
        var request = new PlanRequest(run.Model.Configuration, Workload.OfFullRows(100, 6, packing: true)) { MicroBatchTokens = MicroBatchTokens };
        var block = Count(request, RecomputeLevel.Block);
        Assert.That(Count(request, RecomputeLevel.FeedForward), Is.GreaterThan(block + 1000));

        using var fits = Train(block);
        Assert.That(fits.Wait(), Is.Zero, fits.Error);
        Assert.That(fits.Output, Does.Contain("recompute: block").And.Contain("loss_chunk_rows: 4096").And.Contain("MiB with micro_batch_tokens 512, recompute block"));
        Assert.That(fits.Output, Does.Contain("step 1/1"));

        using var refused = Train(block - 1, "--recompute", "norms");
        Assert.That(refused.Wait(), Is.EqualTo((int)ExitCode.Device), refused.Error);
        Assert.That(refused.Error, Does.Match("error: the run does not fit the device: .*; --(micro_batch_tokens|precision) "));
        Assert.That(Directory.Exists(run.PathOf((block - 1).ToString(CultureInfo.InvariantCulture))), Is.False);

        CommandLineProcess Train(long bytes, params string[] more) => new(
            new Dictionary<string, string> { ["DFTNATIVE_EMULATED_MEMORY"] = bytes.ToString(CultureInfo.InvariantCulture) },
            [
                "train", "--model", run.ModelPath, "--data", rows, "--output", run.PathOf(bytes.ToString(CultureInfo.InvariantCulture)), "--device", "cuda", "--max_steps", "1",
                "--global_batch_size", "6", "--micro_batch_tokens", $"{MicroBatchTokens}", "--cache_dir", "none", .. more,
            ]);
    }

    /// <summary>Where not even the shortest rows fit, a long file of them is not read.</summary>
    [Test]
    public void AModelThatFitsNoRowIsRefusedBeforeRowsAreRead()
    {
        using var run = new CudaRun();
        using var train = new CommandLineProcess(
            new Dictionary<string, string> { ["DFTNATIVE_EMULATED_MEMORY"] = "9000000" },
            "train", "--model", run.ModelPath, "--data", run.PathOf("no-such-file.jsonl"), "--output", run.PathOf("out"), "--device", "cuda");
        Assert.That(train.Wait(), Is.EqualTo((int)ExitCode.Device), train.Error);
        Assert.That(train.Error, Does.Contain("the run does not fit the device: it takes at least 9.0 MiB"));
    }

    [Test]
    public void AutomaticPassesHoldTheLongestRowAndNoMoreThanAStep()
    {
        using var run = new CudaRun();
        using var backend = new CudaBackend();
        var rows = CudaRun.Rows(24, longest: 30);
        var options = run.Options("out") with { MicroBatchTokens = null };
        var held = new[] { new TrainingRow([.. Enumerable.Repeat(3, 45)], [.. Enumerable.Repeat(3, 45)]) };
        var plan = RunPlanner.Resolve(backend, run.Model.Configuration, options, rows, held)!;
        var longest = rows.OrderByDescending(row => row.InputIds.Length).Take(4).Sum(row => row.InputIds.Length);
        Assert.Multiple(() =>
        {
            Assert.That(options.MicroBatchTokens, Is.InRange(45, longest + 16).And.EqualTo(plan.Choice.MicroBatchTokens));
            Assert.That(options.Recompute, Is.EqualTo(plan.Choice.Recompute));
            Assert.That(options.LossChunkRows, Is.EqualTo(plan.Choice.LossChunkRows));
        });
    }

    private static long Count(PlanRequest request, RecomputeLevel level)
    {
        using var backend = new CudaBackend();
        return MemoryPlan.Count(request, new PassChoice(MicroBatchTokens, level, 512), backend.GetMemory()).TotalBytes;
    }
}
