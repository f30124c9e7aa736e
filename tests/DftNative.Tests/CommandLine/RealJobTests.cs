using System.Diagnostics;
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
        var model = MakeModel(scratch);
        string[] train =
        [
            "train", "--model", model, "--data", data, "--max_steps", "50", "--global_batch_size", "4", "--max_length", "160",
            "--learning_rate", "1e-3", "--chat_template", "qwen2.5", "--save_steps", "20",
        ];
        using var unbroken = new CommandLineProcess([.. train, "--output", scratch.PathOf("unbroken")]);
        using var broken = new CommandLineProcess([.. train, "--output", scratch.PathOf("broken")]);
        broken.WaitForOutput("step 23/");
        using (var kill = Process.Start("kill", ["-TERM", $"{broken.ProcessId}"])) kill.WaitForExit();
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

    /// <summary>A small Qwen2 with random weights and Qwen2.5's own tokenizer.</summary>
    private static string MakeModel(ScratchDirectory scratch)
    {
        var tokenizer = Oracles.TokenizerDirectory("qwen2_5");
        Directory.CreateDirectory(scratch.PathOf("source"));
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
            File.Copy(Path.Combine(tokenizer, name), Path.Combine(scratch.PathOf("source"), name));
        scratch.Write(
            Path.Combine("source", "config.json"),
            """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 151936, "hidden_size": 64, "intermediate_size": 160,
             "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
             "max_position_embeddings": 4096, "tie_word_embeddings": true, "hidden_act": "silu", "eos_token_id": 151645, "torch_dtype": "bfloat16"}
            """);
        ModelInitializer.CreateDirectory(scratch.PathOf("source"), scratch.PathOf("model"), seed: 1);
        return scratch.PathOf("model");
    }
}
