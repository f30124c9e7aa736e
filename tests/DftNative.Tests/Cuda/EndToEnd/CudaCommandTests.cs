using System.Text.Json;
using DftNative.Demo;
using DftNative.Tests.CommandLine;
using DftNative.Tests.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>The commands with --device cuda, as processes on the emulator.</summary>
internal sealed class CudaCommandTests
{
    private static readonly Dictionary<string, string> NoVariables = [];

    [OneTimeSetUp]
    public void BuildEmulator() => CudaEmulator.Require();

    [Test]
    public void TrainAndCheckGradientsRunAndSayThatTheDeviceIsEmulated()
    {
        using var run = new CudaRun();
        var rows = run.WriteRows(CudaRun.Rows(8));
        var check = Run(0, "check-gradients", "--model", run.ModelPath, "--data", rows, "--device", "cuda", "--recompute", "block", "--loss_chunk_rows", "7", "--precision", "lean");
        var train = Run(
            0, "train", "--model", run.ModelPath, "--data", rows, "--output", run.PathOf("out"), "--global_batch_size", "4", "--micro_batch_tokens", "64",
            "--max_steps", "2", "--device", "cuda:0", "--cache_dir", "none");
        Assert.Multiple(() =>
        {
            Assert.That(check, Does.Match("device: EMULATED .*imitation").And.Contain("within the tolerance 2.5e-1"));
            Assert.That(train, Does.Match("on EMULATED .*imitation").And.Contain("step 2/2"));
            var metrics = TrainerTests.Metrics(run.PathOf("out"));
            Assert.That(metrics, Has.Count.EqualTo(2));
            Assert.That(metrics[0].TryGetProperty("mfu", out _), Is.False, "an emulated device has no peak");
            Assert.That(metrics[0].GetProperty("padding_fraction").GetDouble(), Is.InRange(0.05, 0.9));
        });
    }

    /// <summary>The model's directory is not there, and that is not what is said: nothing was loaded.</summary>
    [TestCase("eaft")]
    [TestCase("asft")]
    public void ALossOfTheCpuAloneIsRefusedBeforeAnythingIsLoaded(string lossType)
    {
        using var run = new CudaRun();
        var rows = run.WriteRows(CudaRun.Rows(2));
        foreach (var command in (string[][])[["check-gradients"], ["train", "--output", run.PathOf("out")]])
        {
            using var process = new CommandLineProcess(
                NoVariables, [.. command, "--model", run.PathOf("no-such-model"), "--data", rows, "--device", "cuda", "--loss_type", lossType]);
            Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Usage), process.Error);
            Assert.That(process.Error, Does.Contain($"loss_type {lossType} runs on the CPU alone").And.Contain("--device cpu"));
        }
    }

    [Test]
    public void TuningKeepsPlansThatLaterRunsTake()
    {
        using var run = new CudaRun();
        var rows = run.WriteRows(CudaRun.Rows(4));
        var plans = run.PathOf("cache/dftnative/kernels/gemm-plans.json");
        Train("tuned", "--tune", "true");
        Assert.That(File.ReadAllText(plans), Does.Contain("EMULATED"));
        File.WriteAllText(plans, "{");
        Assert.That(Train("later"), Does.Contain("warning: the GEMM plans of").And.Contain(plans));
        using var process = Start("cpu", "--tune", "true", "--device", "cpu");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Usage), process.Error);
        Assert.That(process.Error, Does.Contain("tune"));

        string Train(string output, params string[] more)
        {
            using var process = Start(output, ["--device", "cuda", .. more]);
            Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Success), process.Error);
            return process.Error;
        }

        CommandLineProcess Start(string output, params string[] more) => new(
            new() { ["XDG_CACHE_HOME"] = run.PathOf("cache"), ["DFTNATIVE_KERNEL_CACHE"] = "" },
            ["train", "--model", run.ModelPath, "--data", rows, "--output", run.PathOf(output), "--max_steps", "1", "--micro_batch_tokens", "64", .. more]);
    }

    [Test]
    public void ATextThatDoesNotCompileInAResumedRunLeavesTheCheckpointWhole()
    {
        using var run = new CudaRun();
        var rows = run.WriteRows(CudaRun.Rows(8));
        string[] train = ["train", "--model", run.ModelPath, "--data", rows, "--output", run.PathOf("out"), "--global_batch_size", "4", "--save_steps", "1", "--device", "cuda"];
        Run(0, train);
        Directory.Delete(run.PathOf("out/checkpoint-2"), recursive: true);
        Directory.CreateDirectory(run.PathOf("kernels"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Path, "kernels"))) File.Copy(file, run.PathOf("kernels/" + Path.GetFileName(file)));
        File.AppendAllText(run.PathOf("kernels/swiglu.cu"), "unknown_type mistake;\n");
        using var resumed = new CommandLineProcess(new() { ["DFTNATIVE_KERNELS"] = run.PathOf("kernels") }, [.. train, "--resume_from_checkpoint", "latest"]);
        Assert.Multiple(() =>
        {
            Assert.That(resumed.Wait(), Is.EqualTo((int)ExitCode.Device), resumed.Error);
            Assert.That(resumed.Error, Does.Contain("a kernel did not compile").And.Contain($"{run.PathOf("out/checkpoint-1")} is whole").And.Contain("unknown_type"));
        });
        Run(0, [.. train, "--resume_from_checkpoint", "latest"]);
    }

    [Test]
    public void AKernelCacheThatCannotBeWrittenIsOneWarning()
    {
        using var run = new CudaRun();
        File.WriteAllText(run.PathOf("file"), "");
        using var process = new CommandLineProcess(
            new Dictionary<string, string> { ["DFTNATIVE_KERNEL_CACHE"] = run.PathOf("file") },
            "train", "--model", run.ModelPath, "--data", run.WriteRows(CudaRun.Rows(4)), "--output", run.PathOf("out"), "--device", "cuda");
        Assert.That(process.Wait(), Is.Zero, process.Error);
        Assert.That(process.Error.Split('\n').Count(line => line.StartsWith("warning: the kernel cache ", StringComparison.Ordinal)), Is.EqualTo(1), process.Error);
    }

    [Test]
    [Category("Slow")]
    public void GenerateAndDemoRun()
    {
        using var run = new CudaRun();
        DemoAssets.Extract(run.PathOf("base"));
        var text = Run(0, "generate", "--model", run.PathOf("base"), "--raw", "--prompt", "1234+5678=", "--temperature", "0", "--max_new_tokens", "6", "--device", "cuda");
        var demo = Run(0, "demo", "--output", run.PathOf("demo"), "--steps", "1", "--problems", "1", "--device", "cuda");
        using var json = JsonDocument.Parse(File.ReadAllText(run.PathOf("demo/demo.json")));
        Assert.Multiple(() =>
        {
            Assert.That(text, Does.Contain("on EMULATED"));
            Assert.That(demo, Does.Match("device: EMULATED .*imitation").And.Contain("report.html"));
            Assert.That(json.RootElement.GetProperty("models").GetProperty("dft").GetProperty("accuracy").GetDouble(), Is.InRange(0, 1));
        });
    }

    [Test]
    public void AutoTakesNoEmulatedDeviceAndSaysSo()
    {
        using var run = new CudaRun();
        var output = Run(0, "check-gradients", "--model", run.ModelPath, "--data", run.WriteRows(CudaRun.Rows(2)), "--device", "auto");
        Assert.That(output, Does.Match(@"device: CPU.*\(auto: the GPU here is emulated\)"));
    }

    [Test]
    public void AMissingLibraryIsAnErrorWithEveryPathTried()
    {
        if (HasOwnDriver()) Assert.Ignore("this machine has a driver");
        using var run = new CudaRun();
        var home = Directory.CreateDirectory(run.PathOf("home")).FullName;
        var variables = new Dictionary<string, string> { ["DFTNATIVE_CUDA_HOME"] = home };
        Fails(variables, "libcuda.so.1", "driver was not found|driver library was not found");
        Link("libcuda.so.1");
        Fails(variables, Path.Combine(home, "lib64", "libnvrtc.so.12"), "NVRTC was not found");
        Link("libnvrtc.so.12");
        Fails(variables, Path.Combine(home, "lib64", "libcublasLt.so.12"), "cuBLASLt was not found");

        void Link(string name) => File.CreateSymbolicLink(
            Path.Combine(home, name), Path.Combine(Environment.GetEnvironmentVariable("DFTNATIVE_CUDA_HOME")!, name));
    }

    [Test]
    public void ADeviceThatIsNotThereOrTooOldOrTooSmallIsAnError()
    {
        Fails(new() { ["DFTNATIVE_EMULATED_SM"] = "75" }, "compute capability 7.5", "needs 8.0");
        // cuBLASLt's workspace takes 8 MiB; what is left holds not even the weights, or not the activations.
        Fails(new() { ["DFTNATIVE_EMULATED_MEMORY"] = "1000000" }, "out of device memory before anything is loaded", "8388608 bytes");
        Fails(new() { ["DFTNATIVE_EMULATED_MEMORY"] = "8500000" }, "out of device memory: parameters (Weights) needs ", "take a device with more memory");
        Fails(new() { ["DFTNATIVE_EMULATED_MEMORY"] = "16000000" }, "(Activations) needs ", "lower micro_batch_tokens");
        FailsOn("cuda:7", NoVariables, "there is no CUDA device 7", "the driver sees 1");
        using var run = new CudaRun();
        using var usage = new CommandLineProcess("check-gradients", "--model", run.ModelPath, "--data", "x", "--device", "cuda:x");
        Assert.That(usage.Wait(), Is.EqualTo((int)ExitCode.Usage));
        Assert.That(usage.Error, Does.Contain("'cuda:x' is not one of auto, cpu, cuda, cuda:N"));
    }

    /// <summary>Asked of the loader's cache, since this process has the emulator's driver loaded under that name.</summary>
    private static bool HasOwnDriver() => Command.Run("ldconfig", ["-p"])?.Output.Contains("libcuda.so.1", StringComparison.Ordinal) == true;

    private static void Fails(Dictionary<string, string> variables, string text, string pattern) => FailsOn("cuda", variables, text, pattern);

    /// <summary>The demo's model is large enough to be too large for a megabyte.</summary>
    private static void FailsOn(string device, Dictionary<string, string> variables, string text, string pattern)
    {
        using var scratch = new Tokenizers.ScratchDirectory();
        using var process = new CommandLineProcess(variables, "demo", "--output", scratch.PathOf("out"), "--device", device);
        Assert.Multiple(() =>
        {
            Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Device), process.Error + process.Output);
            Assert.That(process.Error, Does.StartWith("error: ").And.Contain(text).And.Match(pattern).And.Not.Contain("   at "));
            Assert.That(process.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThanOrEqualTo(4));
            Assert.That(Directory.Exists(scratch.PathOf("out")), Is.False);
        });
    }

    private static string Run(int exitCode, params string[] args)
    {
        using var process = new CommandLineProcess(args);
        Assert.That(process.Wait(), Is.EqualTo(exitCode), process.Error);
        return process.Output + process.Error;
    }
}
