using System.Text.Json;
using DftNative.Tests.CommandLine;
using DftNative.Tests.Evaluation.Benchmarks;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>compare on the emulator, from training to the answers and their tests.</summary>
[Category("Slow")]
internal sealed class CudaCompareTests
{
    [OneTimeSetUp]
    public void BuildEmulator() => CudaEmulator.Require();

    /// <summary>Two losses and two seeds, killed after the first run: what is found is what an uninterrupted comparison finds.</summary>
    [Test]
    public void AModelIsComparedByItsAnswersAndAKillChangesNothing()
    {
        using var model = new EvaluationModel();
        var rows = model.Write("rows.jsonl", string.Concat(Enumerable.Range(1, 8).Select(i => $"{{\"question\": \"What is {i} + {i}?\", \"answer\": \"It is \\\\boxed{{{2 * i}}}.\"}}\n")));
        var config = model.Write(
            "grid.yaml",
            $$"""
            model: {{model.ModelPath}}
            data: {{rows}}
            eval_data: {{rows}}
            mask: completion_only
            chat_template: chatml
            max_steps: 2
            cache_dir: none
            losses: [sft, dft]
            learning_rates: [1e-2]
            batch_sizes: [4]
            seeds: [1, 2]
            benchmarks: [{{model.WriteProblems(3)}}]
            samples: 2
            max_new_tokens: 3
            """);
        using var whole = Start("whole");
        Assert.That(whole.Wait(), Is.Zero, whole.Error);
        using (var killed = Start("cut"))
        {
            killed.WaitForOutput("[1/4]");
            killed.Kill();
        }

        Assert.That(Directory.GetFiles(model.PathOf("cut"), "result.json", SearchOption.AllDirectories), Has.Length.InRange(1, 3), "killed half-way");

        using var resumed = Start("cut");
        Assert.That(resumed.Wait(), Is.Zero, resumed.Error);
        using var json = JsonDocument.Parse(File.ReadAllText(model.PathOf("whole/compare.json")));
        var settings = json.RootElement.GetProperty("settings").EnumerateArray().ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(whole.Output, Does.Contain("on EMULATED").And.Contain("[4/4]").And.Match("(?m)^dft +0.01 +4 +[0-9.]+ %"));
            Assert.That(resumed.Output, Does.Contain("finished before"));
            Assert.That(File.ReadAllText(model.PathOf("cut/compare.json")), Is.EqualTo(File.ReadAllText(model.PathOf("whole/compare.json"))));
            Assert.That(json.RootElement.GetProperty("seeds_share_problems").GetBoolean());
            Assert.That(settings.Select(setting => setting.GetProperty("seeds").GetArrayLength()), Is.EqualTo(new[] { 2, 2 }));
            Assert.That(settings.Select(setting => setting.GetProperty("eval_nll").GetDouble()), Is.Unique.And.All.InRange(0.1, 20));
            Assert.That(json.RootElement.GetProperty("pairs_at_same_setting")[0].GetProperty("interval_over_problems").GetArrayLength(), Is.EqualTo(2));
            Assert.That(new FileInfo(model.PathOf("whole/report.html")).Length, Is.GreaterThan(10_000));
        });

        CommandLineProcess Start(string output) => new("compare", "--config", config, "--output", model.PathOf(output), "--device", "cuda");
    }
}
