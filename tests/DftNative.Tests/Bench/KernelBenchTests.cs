using System.Text.Json;
using DftNative.Bench.Kernels;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Bench;

/// <summary><c>bench kernels</c> as it is called, on the emulator, and its rows beside PyTorch's.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class KernelBenchTests
{
    private const string Python = "/usr/bin/python3";

    [Test]
    [Category("Slow")]
    public void EveryKernelIsRightOnTheEmulatorAndNoTimeIsWritten()
    {
        CudaEmulator.Require();
        var json = Path.GetTempFileName();
        try
        {
            var bench = Run("kernels", "--verify", "--json", json);
            Assert.That(bench.ExitCode, Is.Zero, bench.Output);
            Assert.That(bench.Output, Does.Contain(" 0 failed, 0 not on this device"));
            using var document = JsonDocument.Parse(File.ReadAllText(json));
            foreach (var row in document.RootElement.GetProperty("kernels").EnumerateArray())
                Assert.That(row.GetProperty("milliseconds").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
        finally
        {
            File.Delete(json);
        }
    }

    [Test]
    public void AnEmulatedDeviceIsNotTimed()
    {
        CudaEmulator.Require();
        var bench = Run("kernels", "--shapes", "arena");
        Assert.That(bench.ExitCode, Is.EqualTo((int)ExitCode.Usage), bench.Output);
        Assert.That(bench.Output, Does.StartWith("EMULATED").And.Contain("is not timed; use --verify"));
    }

    [Test]
    public void NothingCheckedIsAFailure() =>
        Assert.That(Run("kernels", "--verify", "--device", "cpu", "--filter", "nothing").ExitCode, Is.EqualTo((int)ExitCode.CheckFailed));

    [TestCase("--shapes", "gpt-2", "'gpt-2' is not one of qwen2.5-1.5b, qwen2.5-7b, llama-3.1-8b, arena")]
    [TestCase("--tokens", "0", "'0' is not a number above 0")]
    [TestCase("--device", "tpu", "'tpu' is not cuda or cpu")]
    [TestCase("--device", "cpu", "only with --verify")]
    [TestCase("--speed", "1", "--speed: unknown")]
    public void AWrongOptionIsNamed(string option, string value, string message)
    {
        var exception = Assert.Throws<DftNativeException>(() => KernelBenchOptions.Parse([option, value]))!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.Contain(message));
    }

    [Test]
    [Category("Slow")]
    public void PyTorchsRowsHaveTheNamesOfOurs()
    {
        var json = Path.GetTempFileName();
        try
        {
            var peers = Command.Run(Python, ["bench/peers/kernels.py", "--dry-run", "--json", json]);
            if (peers is null || peers.Output.Contains("No module named 'torch'", StringComparison.Ordinal)) Assert.Ignore("PyTorch is not installed (Debian: apt-get install python3-torch)");
            Assert.That(peers.ExitCode, Is.Zero, peers.Output);
            using var document = JsonDocument.Parse(File.ReadAllText(json));
            var names = document.RootElement.GetProperty("kernels").EnumerateArray().Select(row => row.GetProperty("name").GetString());
            var problem = new KernelProblem(BenchModels.All[0], Tokens: 8);
            var own = KernelCases.OfModel(problem)
                .Concat(KernelCases.OfArena(problem with { Model = problem.Model with { Name = KernelCases.ArenaName } }, 8)).Select(kernel => kernel.Name);
            Assert.That(names, Is.SubsetOf(own));
        }
        finally
        {
            File.Delete(json);
        }
    }

    private static Command Run(params string[] arguments) => Command.Run(Path.Combine(AppContext.BaseDirectory, "DftNative.Bench"), arguments)!;
}
