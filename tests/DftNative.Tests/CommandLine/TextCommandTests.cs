namespace DftNative.Tests.CommandLine;

/// <summary>tokenize and inspect-data as a user calls them.</summary>
public sealed class TextCommandTests
{
    [Test]
    public void InspectDataShowsPretokenizedRowsWithoutATokenizer()
    {
        using var run = new Training.TinyRun();
        File.WriteAllText(run.PathOf("rows.jsonl"), """{"input_ids": [5, 6, 7], "labels": [-100, -100, 7]}""" + "\n");
        using var process = new CommandLineProcess("inspect-data", "--model", run.ModelPath, "--data", run.PathOf("rows.jsonl"));
        Assert.That(process.Wait(), Is.Zero, process.Error);
        Assert.That(process.Output, Does.Contain("5 6 [7]").And.Contain("1 rows, 3 tokens, 1 trained"));
    }

    [Test]
    public void TokenizeNeedsATokenizer()
    {
        using var run = new Training.TinyRun();
        using var process = new CommandLineProcess("tokenize", "--model", run.ModelPath, "--file", run.PathOf("none.txt"));
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
        Assert.That(process.Error, Does.Contain("tokenizer.json"));
    }
}
