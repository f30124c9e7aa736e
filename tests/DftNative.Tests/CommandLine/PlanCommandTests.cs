using System.Globalization;
using System.Text.Json;
using DftNative.Tests.Evaluation.Benchmarks;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training.Planning;

namespace DftNative.Tests.CommandLine;

/// <summary><c>plan</c> as a user runs it, without a GPU and without an emulated one.</summary>
public sealed class PlanCommandTests
{
    private static readonly string Model = PublishedModel.Directory("Qwen2.5-7B");

    [Test]
    public void ThePlanSaysMebibytesByCategoryAndWhy()
    {
        var (exitCode, output, error) = Run("--model", Model, "--memory", "139.7", "--max_length", "4096", "--micro_batch_tokens", "4096");
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.Zero, error);
            Assert.That(output, Does.Contain("7,615,616,512 parameters, precision exact, rows of up to 4096 tokens"));
            Assert.That(output, Does.Match(@"(?m)^  weights +14,525\.6 MiB$").And.Match(@"(?m)^  optimizer_state +58,102\.5 MiB$"));
            Assert.That(output, Does.Match(@"(?m)^  total +130,[0-9]{3}\.[0-9] MiB of 143,052\.8$"));
            Assert.That(output, Does.Contain("micro_batch_tokens 4096: as asked for").And.Match(@"recompute norms: computing again is expected to take 0\.[0-9] % of a step"));
            Assert.That(output, Does.Not.Contain("| 24 GB |"));
        });
    }

    [Test]
    public void TheJsonObjectHasBytesByCategoryThatAddUp()
    {
        var (exitCode, output, error) = Run("--model", Model, "--memory", "79.1", "--precision", "lean", "--json");
        Assert.That(exitCode, Is.Zero, error);
        using var json = JsonDocument.Parse(output);
        var plan = json.RootElement;
        var categories = plan.GetProperty("categories").EnumerateObject().ToDictionary(category => category.Name, category => category.Value.GetInt64());
        Assert.Multiple(() =>
        {
            Assert.That(categories.Keys, Is.EqualTo(new[] { "weights", "master", "gradients", "optimizer_state", "activations", "loss_head", "workspace", "driver" }));
            Assert.That(categories.Values.Sum(), Is.EqualTo(plan.GetProperty("total_bytes").GetInt64()));
            Assert.That(plan.GetProperty("total_bytes").GetInt64(), Is.LessThanOrEqualTo(plan.GetProperty("memory_bytes").GetInt64()));
            Assert.That(plan.GetProperty("fits").GetBoolean(), Is.True);
            Assert.That(plan.GetProperty("parameters").GetInt64(), Is.EqualTo(7_615_616_512));
            Assert.That(plan.GetProperty("precision").GetString(), Is.EqualTo("lean"));
            Assert.That(plan.GetProperty("micro_batch_tokens").GetInt32(), Is.InRange(2048, 16384));
            Assert.That(plan.GetProperty("recompute").GetString(), Is.AnyOf("none", "norms", "ffn", "block"));
            Assert.That(plan.GetProperty("recompute_time_share").GetDouble(), Is.InRange(0, 0.3));
            Assert.That(plan.GetProperty("why").GetArrayLength(), Is.EqualTo(3));
            Assert.That(plan.TryGetProperty("advice", out _), Is.False);
        });
    }

    /// <summary>Answers that are sampled between steps are planned as train plans them, and where they are too much the advice says so.</summary>
    [Test]
    public void SampledAnswersAreCounted()
    {
        using var model = new EvaluationModel();
        string[] arguments = ["--model", model.ModelPath, "--json", "--max_length", "256", "--micro_batch_tokens", "256", "--recompute", "block", "--loss_chunk_rows", "512", "--precision", "tiny"];
        string[] answers = ["--eval_generate_steps", "10", "--eval_generate_data", model.WriteProblems(20), "--eval_generate_samples", "2", "--eval_generate_max_new_tokens", "100"];
        var without = Plan([.. arguments, "--memory", "16"]);
        var with = Plan([.. arguments, .. answers, "--memory", "16"]);
        var cache = with.GetProperty("categories").GetProperty("kv_cache").GetInt64();
        var between = (without.GetProperty("total_bytes").GetInt64() + (cache / 2)) / (double)(1L << 30);
        var (exitCode, _, error) = Run([.. arguments, .. answers, "--memory", between.ToString(CultureInfo.InvariantCulture)]);
        var (halfCode, _, half) = Run([.. arguments, .. answers[..2], "--memory", "16"]);
        Assert.Multiple(() =>
        {
            Assert.That(with.GetProperty("categories").EnumerateObject().Sum(category => category.Value.GetInt64()), Is.EqualTo(with.GetProperty("total_bytes").GetInt64()));
            Assert.That(with.GetProperty("total_bytes").GetInt64() - without.GetProperty("total_bytes").GetInt64(), Is.GreaterThanOrEqualTo(cache));
            Assert.That(without.GetProperty("categories").TryGetProperty("kv_cache", out _), Is.False);
            Assert.That(with.GetProperty("why")[3].GetString(), Does.Match("^eval_generate: 40 of 40 answers at once, each with its prompt of up to 1[0-9]{2} tokens; their keys and values take "));
            Assert.That((exitCode, error), Is.EqualTo(((int)ExitCode.Device, error)));
            Assert.That(error, Does.Contain("; leaving out eval_generate_steps and eval_generate_data makes it fit: "));
            Assert.That((halfCode, half), Is.EqualTo(((int)ExitCode.Usage, "error: eval_generate_steps (how often) and eval_generate_data (on which problems) need each other; give both or none\n")));
        });

        static JsonElement Plan(string[] arguments)
        {
            var (exitCode, output, error) = Run(arguments);
            Assert.That(exitCode, Is.Zero, error);
            using var json = JsonDocument.Parse(output);
            return json.RootElement.Clone();
        }
    }

    [Test]
    public void WithoutMemoryTheCommonCardsAreCompared()
    {
        var (exitCode, output, error) = Run("--model", Model, "--max_length", "4096");
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(output, Does.Contain("| model | precision | 24 GB | 48 GB | 80 GB | 141 GB |").And.Match("(?m)^.*`tiny`.* short .*[0-9]+ tokens, norms "));
    }

    [Test]
    public void ADeviceThatIsTooSmallIsExitCode4WithTheCheapestChange()
    {
        var (exitCode, output, error) = Run("--model", Model, "--memory", "79.1", "--json");
        using var json = JsonDocument.Parse(output);
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo((int)ExitCode.Device));
            Assert.That(error, Does.Match(@"^error: the run does not fit the device: it takes at least 1[0-9]{2}\.[0-9] GiB .* [0-9.]+ GiB more than the 79\.1 GiB there are; --precision lean makes it fit"));
            Assert.That(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThanOrEqualTo(4));
            Assert.That(json.RootElement.GetProperty("fits").GetBoolean(), Is.False);
            Assert.That(json.RootElement.GetProperty("advice").GetString(), Does.StartWith("--precision lean makes it fit"));
            Assert.That(
                json.RootElement.GetProperty("why").EnumerateArray().Single().GetString(),
                Does.Match("^micro_batch_tokens [0-9]+, recompute block, loss_chunk_rows [0-9]+: nothing fits; of what was left to choose these take the least memory$"));
        });
    }

    /// <summary>A run's own file is planned as train would run it; the command line goes before it.</summary>
    [Test]
    public void TheFileOfARunIsPlanned()
    {
        using var scratch = new ScratchDirectory();
        var config = scratch.Write("run.yaml", $"model: {Model}\ndata: [rows.jsonl]\noutput_dir: out\nlearning_rate: 1e-4\nloss_type: sft\nmax_length: 1024\nprecision: lean\n");
        var (exitCode, output, error) = Run("--config", config, "--memory", "79.1", "--precision", "tiny");
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(output, Does.Contain("precision tiny, rows of up to 1024 tokens"));
    }

    [TestCase(ExitCode.Usage, "loss_type asft runs on the CPU alone", "--loss_type", "asft")]
    [TestCase(ExitCode.Usage, "dft_granularity sentence runs on the CPU alone", "--dft_granularity", "sentence")]
    [TestCase(ExitCode.Usage, "focal_gamma 3 has no effect with loss_type dft", "--focal_gamma", "3")]
    [TestCase(ExitCode.Usage, "eval_generate_problems 5 has no effect: nothing is sampled without eval_generate_steps", "--eval_generate_problems", "5")]
    [TestCase(ExitCode.Usage, "unknown option '--learning_rate': it is one of train, and not of plan", "--learning_rate", "1e-4")]
    [TestCase(ExitCode.Usage, "memory: '-1' is not a number of GiB above 0", "--memory", "-1")]
    [TestCase(ExitCode.Usage, "memory: 'much' is not a number of GiB above 0", "--memory", "much")]
    [TestCase(ExitCode.Usage, "max_length 131073 is beyond the 131072 positions of", "--memory", "80", "--max_length", "131073")]
    [TestCase(ExitCode.Usage, "a row of 2048 tokens does not fit micro_batch_tokens 1000", "--memory", "80", "--micro_batch_tokens", "1000")]
    [TestCase(ExitCode.Usage, "recompute: 'some' is not one of", "--recompute", "some")]
    [TestCase(ExitCode.Usage, "unknown option '--memroy'; did you mean '--memory'?", "--memroy", "80")]
    public void WrongUseIsAnError(ExitCode expected, string text, params string[] arguments)
    {
        var (exitCode, _, error) = Run(["--model", Model, .. arguments]);
        Assert.That((exitCode, error), Is.EqualTo(((int)expected, error)));
        Assert.That(error, Does.StartWith("error: ").And.Contain(text));
    }

    [Test]
    public void AModelThatCannotBePlannedIsAnError()
    {
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch.PathOf("empty"));
        Directory.CreateDirectory(scratch.PathOf("other"));
        scratch.Write(Path.Combine("other", "config.json"), """{"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}""");
        Assert.Multiple(() =>
        {
            Fails(scratch.PathOf("empty"), "there is no config.json");
            Fails(scratch.PathOf("other"), "GPT2LMHeadModel");
        });

        using var missing = new CommandLineProcess("plan", "--memory", "80");
        Assert.That(missing.Wait(), Is.EqualTo((int)ExitCode.Usage));
        Assert.That(missing.Error, Does.Contain("--model must be given"));

        static void Fails(string model, string text)
        {
            var (exitCode, _, error) = Run("--model", model, "--memory", "80");
            Assert.That((exitCode, error), Is.EqualTo(((int)ExitCode.InvalidInput, error)));
            Assert.That(error, Does.Contain(text));
        }
    }

    /// <summary>A model of a short range is planned for that, unless a length is asked for.</summary>
    [Test]
    public void RowsAreNoLongerThanTheModelsRange()
    {
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch.PathOf("short"));
        var configuration = File.ReadAllText(Path.Combine(Model, "config.json")).Replace("131072", "512", StringComparison.Ordinal);
        scratch.Write(Path.Combine("short", "config.json"), configuration);
        var (exitCode, output, error) = Run("--model", scratch.PathOf("short"), "--memory", "139.7");
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(output, Does.Contain("rows of up to 512 tokens"));
    }

    /// <summary>DFTNATIVE_CUDA_HOME names an empty folder: a plan looks for no device.</summary>
    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = new CommandLineProcess(new() { ["DFTNATIVE_CUDA_HOME"] = Path.GetTempPath(), ["HF_HUB_OFFLINE"] = "1" }, ["plan", .. arguments]);
        return (process.Wait(), process.Output, process.Error);
    }
}
