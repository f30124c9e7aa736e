using DftNative.Tests.Evaluation.Benchmarks;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.CommandLine;

/// <summary>
/// An evaluation as users have it: GSM8K through a real tokenizer, interrupted and resumed. The model's weights are
/// random, so that its accuracy is about nothing: the machinery is what is shown.
/// </summary>
[Category("Slow")]
public sealed class RealEvaluationTests
{
    [Test]
    public void Gsm8kIsInterruptedAndResumedToTheSameBytes()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("SIGINT is sent with kill");
        var folder = Path.GetDirectoryName(Oracles.SharedData("gsm8k-test.jsonl"))!;
        using var scratch = new ScratchDirectory();
        string[] evaluate =
        [
            "eval", "--model", RealTokenizerModel.Create(scratch), "--benchmark", "gsm8k", "--benchmark_dir", folder, "--limit", "100", "--n", "4", "--max_new_tokens", "48",
        ];
        using (var unbroken = new CommandLineProcess([.. evaluate, "--output", scratch.PathOf("unbroken")]))
            Assert.That(unbroken.Wait(), Is.Zero, unbroken.Error);
        using (var broken = new CommandLineProcess([.. evaluate, "--output", scratch.PathOf("broken")]))
        {
            broken.WaitForOutput("/100 problems");
            broken.Signal(CommandLineProcess.Terminate);
            Assert.That(broken.Wait(), Is.EqualTo((int)ExitCode.Interrupted), broken.Error);
            Assert.That(broken.Error, Does.Match("interrupted after [0-9]+ of 100 problems; the same command goes on"));
        }

        using var resumed = new CommandLineProcess([.. evaluate, "--output", scratch.PathOf("broken")]);
        Assert.That(resumed.Wait(), Is.Zero, resumed.Error);
        var rows = EvaluationModel.Rows(scratch.PathOf("broken/samples.jsonl"));
        var result = EvaluationModel.Summary(scratch.PathOf("broken")).GetProperty("benchmarks").GetProperty("gsm8k");
        Assert.Multiple(() =>
        {
            foreach (var file in new[] { "samples.jsonl", "summary.json" })
                Assert.That(File.ReadAllText(scratch.PathOf("broken/" + file)), Is.EqualTo(File.ReadAllText(scratch.PathOf("unbroken/" + file))), file);
            Assert.That(rows.Select(row => row.GetProperty("problem").GetInt32()), Is.EqualTo(Enumerable.Range(0, 100)));
            Assert.That(rows[0].GetProperty("answer").GetString(), Is.EqualTo("18"));
            Assert.That(rows.Select(row => row.GetProperty("samples").GetArrayLength()), Has.All.EqualTo(4));
            Assert.That(result.GetProperty("average@4").GetProperty("value").GetDouble(), Is.LessThan(0.05));
            Assert.That(result.GetProperty("verdicts").EnumerateObject().Sum(verdict => verdict.Value.GetInt32()), Is.EqualTo(400));
        });
    }
}
