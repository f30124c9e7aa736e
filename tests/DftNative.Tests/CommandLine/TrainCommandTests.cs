using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Tests.Cuda;
using DftNative.Tests.Training;
using DftNative.Training;

namespace DftNative.Tests.CommandLine;

/// <summary>train and check-gradients as processes: files, exit statuses, signals.</summary>
public sealed class TrainCommandTests
{
    [Test]
    public void SigtermSavesAndResumeGivesTheUnbrokenRunsWeights()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("SIGTERM is sent with kill");
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        using var unbroken = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("unbroken"));
        Assert.That(unbroken.Wait(), Is.Zero, unbroken.Error);

        using var broken = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("broken"));
        broken.WaitForOutput("step 2/");
        broken.Signal(CommandLineProcess.Terminate);
        Assert.That(broken.Wait(), Is.EqualTo((int)ExitCode.Interrupted), broken.Error);
        Assert.That(Directory.Exists(run.PathOf("broken/final")), Is.False);

        using var resumed = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("broken"), "--resume-from-checkpoint", "latest");
        Assert.That(resumed.Wait(), Is.Zero, resumed.Error);
        using var finished = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("broken"), "--resume-from-checkpoint", "latest");
        Assert.That(finished.Wait(), Is.Zero, finished.Error);
        var metrics = TrainerTests.Metrics(run.PathOf("broken"));
        Assert.Multiple(() =>
        {
            Assert.That(TinyRun.Weights(run.PathOf("broken/final")), Is.EqualTo(TinyRun.Weights(run.PathOf("unbroken/final"))));
            Assert.That(metrics.Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(1, 300)));
            Assert.That(resumed.Output, Does.Match("rows, steps [0-9]+ to 300"));
            Assert.That(finished.Output, Does.Contain("rows, all 300 steps done"));
            Assert.That(unbroken.Output, Does.Contain("learning_rate: 0.001").And.Contain("step 300/300").And.Contain("tok/s").And.Contain("eta"));
            Assert.That(unbroken.Error, Does.StartWith($"training data, {run.PathOf("rows.jsonl")}: 20 rows, "));
            Assert.That(unbroken.Error, Does.Match("packing: 20 passes of [0-9]+ tokens for the next 20 steps"));
        });
    }

    /// <summary>Ctrl-C, which SIGTERM stands for in the other tests.</summary>
    [Test]
    public void CtrlCSavesACheckpoint()
    {
        using var run = new TinyRun();
        using var process = CommandLineProcess.StartAtTerminal("train", "--config", WriteConfiguration(run), "--output", run.PathOf("out"));
        process.WaitForOutput("step 2/");
        process.Signal(CommandLineProcess.Interrupt);
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Interrupted), process.Error);
        using var checkpoint = TrainingCheckpoint.Open(TrainingCheckpoint.Latest(run.PathOf("out"))!);
        Assert.Multiple(() =>
        {
            Assert.That(process.Error, Does.Contain("stopping after this step and a checkpoint; once more to stop at once"));
            Assert.That(process.Error, Does.Contain($"interrupted after step {checkpoint.Step}; continue with --resume_from_checkpoint latest"));
            Assert.That(checkpoint.Step, Is.InRange(2, 299));
            Assert.That(TrainerTests.Metrics(run.PathOf("out")), Has.Count.EqualTo(checkpoint.Step));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        });
    }

    [Test]
    public void ErrorsAreFewLinesWithTheirExitStatus()
    {
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        Directory.CreateDirectory(run.PathOf("full"));
        File.WriteAllText(run.PathOf("full/mine"), "");
        File.WriteAllText(run.PathOf("bad.jsonl"), "{\"input_ids\": [1, 2\n");
        string[] train = ["train", "--config", config, "--output", run.PathOf("out")];
        Check(ExitCode.Usage, "not empty", "train", "--config", config, "--output", run.PathOf("full"));
        Check(ExitCode.InvalidInput, "bad.jsonl", [.. train, "--data", run.PathOf("bad.jsonl")]);
        Check(ExitCode.InvalidInput, "no-such-model", [.. train, "--model", run.PathOf("no-such-model")]);
        Check(ExitCode.InvalidInput, $"is a file; give the model's directory, {run.ModelPath}", [.. train, "--model", Path.Combine(run.ModelPath, "config.json")]);
        Check(ExitCode.Usage, "max_length 257 is beyond the 256 positions of", [.. train, "--max_length", "257"]);
        Check(ExitCode.Device, "cuda", [.. train, "--device", "cuda:99"]);
        Assert.That(Directory.Exists(run.PathOf("out")), Is.False);

        static void Check(ExitCode exitCode, string message, params string[] args)
        {
            using var process = new CommandLineProcess(args);
            Assert.That(process.Wait(), Is.EqualTo((int)exitCode), process.Error);
            Assert.That(process.Error, Does.Contain(message).IgnoreCase.And.Not.Contain("   at "));
            Assert.That(process.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThanOrEqualTo(4));
        }
    }

    /// <summary>The runtime itself maps a larger file to write code to, which it is told not to.</summary>
    [Test]
    public void AFileBeyondTheUsersLimitIsExit6()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("a limit is set with ulimit");
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        string[] train = [typeof(Train.CommandLine).Assembly.Location, "train", "--config", config, "--output", run.PathOf("out"), "--max_steps", "2"];
        var limited = Command.Run("sh", ["-c", "ulimit -f 16 && exec dotnet \"$@\"", "sh", .. train], ("DOTNET_EnableWriteXorExecute", "0"))!;
        Assert.That(limited.ExitCode, Is.EqualTo((int)ExitCode.CannotWrite), limited.Output);
        Assert.That(limited.Output, Does.Match($"error: {run.PathOf("out")}/(final|checkpoint-2): cannot be written: "));
        Assert.That(Directory.GetDirectories(run.PathOf("out")).Select(Path.GetFileName), Is.EqualTo(new[] { "tensorboard" }));
    }

    [Test]
    public void CheckGradientsPrintsARowPerParameterAndFailsPastTheTolerance()
    {
        using var run = new TinyRun();
        WriteConfiguration(run);
        string[] args = ["check-gradients", "--model", run.ModelPath, "--data", run.PathOf("rows.jsonl"), "--loss_type", "sft", "--dump", run.PathOf("dump.safetensors")];
        using var within = new CommandLineProcess(args);
        using var past = new CommandLineProcess([.. args[..^2], "--tolerance", "1e-12"]);
        Assert.Multiple(() =>
        {
            Assert.That(within.Wait(), Is.Zero, within.Error);
            Assert.That(within.Output.Split('\n').Count(line => line.StartsWith("model.", StringComparison.Ordinal)), Is.EqualTo(run.Model.Layout.Tensors.Count));
            Assert.That(File.Exists(run.PathOf("dump.safetensors")));
            Assert.That(past.Wait(), Is.EqualTo((int)ExitCode.CheckFailed), past.Error);
        });
    }

    [Test]
    public void NumbersThatAreNotFiniteAreExit5AndAProfileIsPrinted()
    {
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        using var sound = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("sound"), "--profile", "--max_steps", "2");
        run.Poison("model.layers.1.mlp.down_proj.weight", float.PositiveInfinity);
        using var poisoned = new CommandLineProcess("train", "--config", config, "--model", run.Model.Path, "--output", run.PathOf("out"), "--max_skipped_steps", "2");
        Assert.Multiple(() =>
        {
            Assert.That(sound.Wait(), Is.Zero, sound.Error);
            Assert.That(sound.Output, Does.Match(@"profile: [0-9.]+ ms a step \(mean of 1 step after the first\)\n  [a-z ]+ +[0-9.]+ ms +[0-9.]+%").And.Contain("matrix products"));
            Assert.That(sound.Error, Does.Contain("packing: 2 passes").And.Contain("for 2 steps"));
            Assert.That(poisoned.Wait(), Is.EqualTo((int)ExitCode.NonFinite), poisoned.Error);
            Assert.That(poisoned.Error, Does.Contain("error: the loss or the gradient was not finite at step 2 (2 in a row, 2 in all)"));
            Assert.That(poisoned.Output, Does.Contain("skipped: not finite (2 so far)"));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        });
    }

    [Test]
    public void ASkippedStepIsShownAndSummedUp()
    {
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        var ofFirstStep = new DataOrder(seed: 42, rowCount: 20)[0, 0];
        File.WriteAllLines(run.PathOf("heavy.jsonl"), TinyRun.Rows().Select((row, i) => i != ofFirstStep
            ? ToJson(row)
            : ToJson(row)[..^1] + $", \"token_weights\": [{string.Join(", ", row.InputIds.Select(_ => "3e38"))}]}}"));
        using var process = new CommandLineProcess(
            "train", "--config", config, "--data", run.PathOf("heavy.jsonl"), "--output", run.PathOf("out"), "--max_steps", "3", "--loss_type", "sft");
        Assert.Multiple(() =>
        {
            Assert.That(process.Wait(), Is.Zero, process.Error);
            Assert.That(process.Output, Does.Match("step 1/3 .* skipped: not finite \\(1 so far\\)").And.Contain("done: "));
            Assert.That(process.Error, Does.Contain("step 1 is skipped: its loss or gradient is not finite (1 in a row, the run ends at 3)"));
            Assert.That(process.Error, Does.Contain("warning: 1 of 3 steps was skipped"));
        });
    }

    /// <summary>Every loss with its options, as a user gives them.</summary>
    [TestCase("--loss_type", "focal", "--focal_gamma", "0.5")]
    [TestCase("--loss_type", "eaft", "--eaft_alpha", "0.5", "--eaft_top_k", "8")]
    [TestCase("--loss_type", "asft", "--asft_alpha", "0.5", "--dft_exponent", "0.5", "--reference_model", "OTHER")]
    [TestCase("--dft_granularity", "geometric", "--eos_weight", "0.5", "--dft_min_weight", "0.1")]
    public void CheckGradientsTakesTheOptionsOfEveryLoss(params string[] options)
    {
        using var run = new TinyRun();
        WriteConfiguration(run);
        using var other = run.OtherModel();
        using var check = new CommandLineProcess(
            ["check-gradients", "--model", run.ModelPath, "--data", run.PathOf("rows.jsonl"), "--device", "cpu",
             .. options.Select(option => option == "OTHER" ? other.Path : option)]);
        Assert.That(check.Wait(), Is.Zero, check.Error + check.Output);
        Assert.That(check.Output, Does.Contain("within the tolerance 1e-4"));
    }

    [Test]
    public void AReferenceModelIsLookedAtBeforeARunBegins()
    {
        using var run = new TinyRun();
        var config = WriteConfiguration(run);
        using var other = run.OtherModel(vocabularySize: 72);
        Check("vocabulary of 72", other.Path);
        Check("no-such-model", run.PathOf("no-such-model"));
        Assert.That(Directory.Exists(run.PathOf("out")), Is.False);

        void Check(string message, string reference)
        {
            using var process = new CommandLineProcess("train", "--config", config, "--output", run.PathOf("out"), "--loss_type", "asft", "--reference_model", reference);
            Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
            Assert.That(process.Error, Does.Contain(message));
        }
    }

    /// <summary>Writes rows and a configuration of 300 small steps.</summary>
    private static string WriteConfiguration(TinyRun run)
    {
        File.WriteAllLines(run.PathOf("rows.jsonl"), TinyRun.Rows().Select(ToJson));
        File.WriteAllText(
            run.PathOf("run.yaml"),
            $"""
            model: {run.ModelPath}
            data: {run.PathOf("rows.jsonl")}
            learning_rate: 1e-3
            global_batch_size: 4
            max_steps: 300
            device: cpu
            threads: 2
            """);
        return run.PathOf("run.yaml");
    }

    private static string ToJson(TrainingRow row) =>
        $$"""{"input_ids": [{{string.Join(", ", row.InputIds)}}], "labels": [{{string.Join(", ", row.Labels)}}]}""";
}
