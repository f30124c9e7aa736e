using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training.Planning;
using DftNative.Training.Planning;

namespace DftNative.Tests.Documentation;

public sealed class ReadmeTests
{
    [Test]
    public void TheSampleIsTheOneThatCompiles()
    {
        var source = File.ReadAllLines(Path.Combine(Oracles.Root, "tests", "DftNative.Tests", "Documentation", "ReadmeSample.cs"));
        var usings = source.TakeWhile(line => line.Length > 0);
        var body = source.SkipWhile(line => !line.EndsWith("README: begin", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.EndsWith("README: end", StringComparison.Ordinal)).Select(line => line.Length == 0 ? line : line[4..]);
        var sample = string.Join('\n', usings.Append("").Concat(body));
        Assert.That(File.ReadAllText(Path.Combine(Oracles.Root, "README.md")), Does.Contain("```csharp\n" + sample + "\n```"));
    }

    /// <summary>The table of plans is what <c>plan --max_length 4096</c> prints of each model, whose published config.json files are fixtures.</summary>
    [Test]
    public void TheTableOfPlansIsThePlanners()
    {
        var rows = PublishedModel.Names.SelectMany(name => PlanTable.Rows(name, PublishedModel.Request(name, maxLength: 4096)));
        var table = string.Join('\n', PlanTable.Header.Concat(rows));
        var path = Path.Combine(Oracles.Root, "README.md");
        if (Environment.GetEnvironmentVariable("DFTNATIVE_WRITE_RESULTS") == "1")
            File.WriteAllText(path, Regex.Replace(File.ReadAllText(path), @"\| model \| precision \|[^\n]*(\n\|[^\n]*)*", table));
        Assert.That(File.ReadAllText(path), Does.Contain("\n" + table + "\n"), "DFTNATIVE_WRITE_RESULTS=1 writes it");
    }

    /// <summary>The table of losses is what the recorded comparison found.</summary>
    [Test]
    public void TheTableOfLossesIsTheRecordedComparisons()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Oracles.Root, "bench", "results", "compare-addition.json")));
        var readme = File.ReadAllText(Path.Combine(Oracles.Root, "README.md"));
        Assert.Multiple(() =>
        {
            Assert.That(readme, Does.Contain($"| {Percent(json.RootElement.GetProperty("untrained"))} % |"));
            foreach (var best in json.RootElement.GetProperty("settings").EnumerateArray().Where(setting => setting.GetProperty("best_of_loss").GetBoolean()))
            {
                var interval = best.GetProperty("interval_over_seeds");
                var loss = best.GetProperty("loss").GetString()!;
                Assert.That(
                    readme.Split('\n').Single(line => line.StartsWith(loss == "dft-0.5" ? "| `dft` with" : $"| `{loss}` |", StringComparison.Ordinal) && line.EndsWith(" % |", StringComparison.Ordinal)).Replace("*", "", StringComparison.Ordinal),
                    Does.EndWith($"| {Percent(best.GetProperty("mean"))} % | {Percent(interval[0])} to {Percent(interval[1])} | {Percent(best.GetProperty("greedy_accuracy"))} % |"), loss);
            }
        });

        static string Percent(JsonElement value) => (100 * value.GetDouble()).ToString("F1", CultureInfo.InvariantCulture);
    }

    [Test]
    public void TheSampleTrains()
    {
        using var scratch = new ScratchDirectory();
        DemoAssets.Extract(scratch.PathOf("model"));
        scratch.Write("rows.jsonl", """
            {"prompt": "1111+2222=", "completion": "1+2+0=03;1+2+0=03;1+2+0=03;1+2+0=03;03333"}
            {"prompt": "1111+3333=", "completion": "1+3+0=04;1+3+0=04;1+3+0=04;1+3+0=04;04444"}
            """);
        var final = ReadmeSample.FineTune(scratch.PathOf("model"), scratch.PathOf("rows.jsonl"), scratch.PathOf("out"));
        using var result = ModelDirectory.Open(final!);
        Assert.That(result.Configuration.VocabularySize, Is.EqualTo(272));
    }
}
