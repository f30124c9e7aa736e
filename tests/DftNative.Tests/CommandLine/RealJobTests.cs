using DftNative.Checkpoints;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;

namespace DftNative.Tests.CommandLine;

/// <summary>The job that users have: a model, GSM8K through a real tokenizer, fifty steps, a stop half-way, a resume.</summary>
[Category("Slow")]
public sealed class RealJobTests
{
    [Test]
    public void Gsm8kThroughARealTokenizerStopsAndResumesBitwise()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("SIGTERM is sent with kill");
        var data = Oracles.SharedData("gsm8k-train.jsonl");
        using var scratch = new ScratchDirectory();
        var model = RealTokenizerModel.Create(scratch);
        string[] train =
        [
            "train", "--model", model, "--data", data, "--max_steps", "50", "--global_batch_size", "4", "--max_length", "160",
            "--learning_rate", "1e-3", "--chat_template", "qwen2.5", "--save_steps", "20",
        ];
        using var unbroken = new CommandLineProcess([.. train, "--output", scratch.PathOf("unbroken")]);
        using var broken = new CommandLineProcess([.. train, "--output", scratch.PathOf("broken")]);
        broken.WaitForOutput("step 23/");
        broken.Signal(CommandLineProcess.Terminate);
        Assert.That(broken.Wait(), Is.EqualTo((int)ExitCode.Interrupted), broken.Error);
        using var resumed = new CommandLineProcess([.. train, "--output", scratch.PathOf("broken"), "--resume_from_checkpoint", "latest"]);
        Assert.That(resumed.Wait(), Is.Zero, resumed.Error);
        Assert.That(unbroken.Wait(), Is.Zero, unbroken.Error);

        var metrics = TrainerTests.Metrics(scratch.PathOf("broken"));
        using var result = ModelDirectory.Open(scratch.PathOf("broken/final"));
        using var generated = new CommandLineProcess(
            "generate", "--model", scratch.PathOf("broken/final"), "--chat_template", "qwen2.5", "--prompt", "How many?", "--max_new_tokens", "5", "--temperature", "0");
        Assert.Multiple(() =>
        {
            Assert.That(TinyRun.Weights(scratch.PathOf("broken/final")), Is.EqualTo(TinyRun.Weights(scratch.PathOf("unbroken/final"))));
            Assert.That(metrics.Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(1, 50)));
            Assert.That(metrics[^1].GetProperty("nll").GetDouble(), Is.LessThan(metrics[0].GetProperty("nll").GetDouble() - 1));
            Assert.That(File.Exists(scratch.PathOf("broken/final/tokenizer.json")));
            Assert.That(generated.Wait(), Is.Zero, generated.Error);
        });
    }
}
