using System.Text.Json;
using DftNative.Demo;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.CommandLine;

/// <summary>analyze as a process: its files and its exit statuses.</summary>
public sealed class AnalyzeCommandTests
{
    [Test]
    public void TwoModelsAreComparedAndMistakesAreNamed()
    {
        using var scratch = new ScratchDirectory();
        DemoAssets.Extract(scratch.PathOf("base"));
        DemoAssets.Extract(scratch.PathOf("tuned"));
        DemoAssets.Extract(scratch.PathOf("foreign"));
        var tokenizer = File.ReadAllText(scratch.PathOf("foreign/tokenizer.json"));
        File.WriteAllText(scratch.PathOf("foreign/tokenizer.json"), tokenizer.Replace("<|endoftext|>", "<|end|>", StringComparison.Ordinal));
        var data = scratch.Write("rows.jsonl", """
            {"prompt": "1111+2222=", "completion": "1+2+0=03;1+2+0=03;1+2+0=03;1+2+0=03;03333"}
            {"prompt": "1111+3333=", "completion": "1+3+0=04;1+3+0=04;1+3+0=04;1+3+0=04;04444"}
            """);
        Directory.CreateDirectory(scratch.PathOf("full"));
        File.WriteAllText(scratch.PathOf("full/mine"), "");
        string[] ofData = ["--data", data, "--device", "cpu", "--output", scratch.PathOf("out")];
        using (var first = new CommandLineProcess(["analyze", "--model", scratch.PathOf("base"), "--model", scratch.PathOf("tuned"), .. ofData, "--sample", "2"]))
            Assert.That(first.Wait(), Is.Zero, first.Error);
        var models = JsonDocument.Parse(File.ReadAllText(scratch.PathOf("out/analysis.json"))).RootElement.GetProperty("models");
        string[] elsewhere = [.. ofData[..^1], scratch.PathOf("other")];
        var written = File.ReadAllBytes(scratch.PathOf("out/report.html"));
        Assert.Multiple(() =>
        {
            Assert.That(models.EnumerateArray().Select(model => model.GetProperty("name").GetString()), Is.EqualTo(new[] { "base", "tuned" }));
            Assert.That(models[0].GetProperty("nll").GetDouble(), Is.InRange(1e-6, 0.1).And.EqualTo(models[1].GetProperty("nll").GetDouble()));
            Assert.That(File.ReadAllText(scratch.PathOf("out/report.html")), Does.Contain("Row 2, token by token"));
            Fails(ExitCode.Usage, "holds an analysis; name another directory, or remove it", ["--model", scratch.PathOf("base"), .. ofData]);
            Assert.That(File.ReadAllBytes(scratch.PathOf("out/report.html")), Is.EqualTo(written));
            Fails(ExitCode.Usage, "sample: 3 is behind the last of 2 rows; give one from 1 to 2", ["--model", scratch.PathOf("base"), .. elsewhere, "--sample", "3"]);
            Fails(ExitCode.Usage, "sample: '0' is not an integer ≥ 1", ["--model", scratch.PathOf("base"), .. elsewhere, "--sample", "0"]);
            Fails(ExitCode.Usage, "--model must be given", ofData);
            Fails(ExitCode.Usage, "holds mine, which is no analysis", "--model", scratch.PathOf("base"), "--data", data, "--output", scratch.PathOf("full"));
            Fails(ExitCode.InvalidInput, "<|end|>", ["--model", scratch.PathOf("base"), scratch.PathOf("foreign"), .. elsewhere]);
            Fails(ExitCode.InvalidInput, "nowhere", ["--model", scratch.PathOf("nowhere"), .. elsewhere]);
        });

        static void Fails(ExitCode exitCode, string message, params string[] args)
        {
            using var process = new CommandLineProcess(["analyze", .. args]);
            Assert.That(process.Wait(), Is.EqualTo((int)exitCode), process.Error);
            Assert.That(process.Error, Does.Contain(message));
        }
    }
}
