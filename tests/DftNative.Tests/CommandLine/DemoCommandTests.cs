using System.Text.Json;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.CommandLine;

/// <summary>demo and pretrain-demo as processes.</summary>
public sealed class DemoCommandTests
{
    [Test]
    public void MistakesEndBeforeAnythingIsComputed()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("mine", "");
        Check(ExitCode.Usage, "--output", "demo", "--output", scratch.FullName);
        Check(ExitCode.Usage, "--seed", "demo", "--seed", "x");
        Check(ExitCode.Device, "cuda", "demo", "--output", scratch.PathOf("out"), "--device", "cuda:99");
        Check(ExitCode.Usage, "--output", "pretrain-demo");
        Check(ExitCode.Usage, "not empty", "pretrain-demo", "--output", scratch.FullName);
        Assert.That(Directory.EnumerateFileSystemEntries(scratch.FullName).Select(Path.GetFileName), Is.EqualTo(new[] { "mine" }));
    }

    [Test]
    [Category("Slow")]
    public void TheDemoPrintsItsTableAndWritesItsFiles()
    {
        using var scratch = new ScratchDirectory();
        using var demo = new CommandLineProcess("demo", "--output", scratch.PathOf("out"), "--seed", "-7");
        Assert.That(demo.Wait(), Is.Zero, demo.Error);

        using var json = JsonDocument.Parse(File.ReadAllText(scratch.PathOf("out/demo.json")));
        double Accuracy(string model) => json.RootElement.GetProperty("models").GetProperty(model).GetProperty("accuracy").GetDouble();
        Assert.Multiple(() =>
        {
            Assert.That(Accuracy("dft") - Accuracy("sft"), Is.GreaterThan(0.2));
            Assert.That(Accuracy("base"), Is.InRange(0.5, 0.8));
            Assert.That(demo.Output, Does.Contain("device: ").And.Contain("seed -7").And.Match("(?m)^model +accuracy +greedy +fine-tune +tokens/s$").And.Match("(?m)^DFT +[0-9.]+ ± [0-9.]+ %"));
            Assert.That(demo.Output, Does.Contain("report.html").And.Contain("Took"));
            Assert.That(demo.Error, Is.Empty);
            Assert.That(File.Exists(scratch.PathOf("out/report.html")));
        });
    }

    private static void Check(ExitCode exitCode, string message, params string[] args)
    {
        using var process = new CommandLineProcess(args);
        Assert.Multiple(() =>
        {
            Assert.That(process.Wait(), Is.EqualTo((int)exitCode));
            Assert.That(process.Error, Does.StartWith("error: ").And.Contain(message).IgnoreCase);
            Assert.That(process.Error.Trim(), Does.Not.Contain('\n'));
        });
    }
}
