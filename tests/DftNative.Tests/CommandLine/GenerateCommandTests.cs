using System.Text.Json;
using DftNative.Demo;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.CommandLine;

/// <summary>generate as a user calls it, with the demo's model.</summary>
public sealed class GenerateCommandTests
{
    /// <summary>Rows that can be answered are, beside one whose prompt is longer than the context; a stop string that never comes ends nothing.</summary>
    [Test]
    public void ARowThatCannotBeAnsweredHasAnErrorAndTheOthersAreDone()
    {
        using var folder = new ScratchDirectory();
        var model = ExtractDemo(folder);
        folder.Write("prompts.jsonl", $$"""
            {"id": "first", "prompt": "12+34="}
            {"id": "long", "prompt": "{{string.Concat(Enumerable.Repeat("1+", 5000))}}"}
            {"id": "last", "prompt": "5+6=", "completion": "an old one"}
            """);
        using var process = new CommandLineProcess(
            "generate", "--model", model, "--raw", "--data", folder.PathOf("prompts.jsonl"), "--output", folder.PathOf("answers.jsonl"),
            "--max_new_tokens", "5", "--n", "2", "--stop", "never to be seen", "--logprobs", "--device", "cpu");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
        var rows = ReadRows(folder.PathOf("answers.jsonl"));
        Assert.Multiple(() =>
        {
            Assert.That(process.Error, Does.Contain("1 of 3 prompts could not be answered"));
            Assert.That(rows.Select(row => row.GetProperty("id").GetString()), Is.EqualTo((string[])["first", "first", "long", "last", "last"]));
            Assert.That(rows[2].GetProperty("error").GetString(), Does.Match(@"^the prompt has \d+ tokens, more than the \d+ there is room for$"));
            foreach (var row in rows.Where(row => row.GetProperty("id").GetString() != "long"))
            {
                var tokens = row.GetProperty("tokens").GetArrayLength();
                Assert.That(row.TryGetProperty("error", out _), Is.False);
                Assert.That(row.GetProperty("completion").GetString(), Is.Not.EqualTo("an old one"));
                Assert.That(row.GetProperty("finish_reason").GetString(), Is.EqualTo(tokens == 5 ? "length" : "stop"));
                Assert.That(row.GetProperty("logprobs").EnumerateArray().Select(value => value.GetSingle()), Has.Exactly(tokens).Items.And.All.LessThanOrEqualTo(0));
            }

            Assert.That(rows[0].GetProperty("sample").GetInt32(), Is.Zero);
            Assert.That(rows[1].GetProperty("sample").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public void APromptLongerThanTheContextIsAnErrorThatSaysSo()
    {
        using var folder = new ScratchDirectory();
        using var process = new CommandLineProcess(
            "generate", "--model", ExtractDemo(folder), "--raw", "--prompt", string.Concat(Enumerable.Repeat("1+", 5000)), "--device", "cpu");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
        Assert.That(process.Error, Does.Match(@"the prompt has \d+ tokens; the model takes \d+, of which one is for the answer: shorten it"));
        Assert.That(process.Output, Is.Empty);
    }

    [Test]
    public void AModelWithoutATemplateIsContinuedRaw()
    {
        using var folder = new ScratchDirectory();
        using var process = new CommandLineProcess("generate", "--model", ExtractDemo(folder), "--prompt", "1+2=", "--device", "cpu");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
        Assert.That(process.Error, Does.Contain("no chat template").And.Contain("--raw"));
    }

    [Test]
    public void InterruptedItKeepsWhatIsDone()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("SIGINT is sent with kill");
        using var folder = new ScratchDirectory();
        folder.Write("prompts.jsonl", string.Concat(Enumerable.Range(0, 20000).Select(i => $"{{\"id\": {i}, \"prompt\": \"{i}+1=\"}}\n")));
        using var process = new CommandLineProcess(
            "generate", "--model", ExtractDemo(folder), "--raw", "--data", folder.PathOf("prompts.jsonl"), "--output", folder.PathOf("answers.jsonl"),
            "--max_new_tokens", "60", "--batch_size", "8", "--device", "cpu");
        while (process.IsRunning && !(File.Exists(folder.PathOf("answers.jsonl")) && new FileInfo(folder.PathOf("answers.jsonl")).Length > 0)) Thread.Sleep(10);
        process.Signal(CommandLineProcess.Terminate);
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Interrupted), process.Error);
        var rows = ReadRows(folder.PathOf("answers.jsonl"));
        var ids = rows.Select(row => row.GetProperty("id").GetInt32()).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Count.InRange(1, 19999));
            Assert.That(process.Error, Does.Contain($"generate interrupted: {rows.Count} of 20000 answers are done and kept"));
            Assert.That(ids, Is.Ordered.Ascending.And.Unique);
            Assert.That(rows.Select(row => row.GetProperty("completion").ValueKind), Is.All.EqualTo(JsonValueKind.String));
        });
    }

    [Test]
    public void AnEmptyPromptIsWrongUse()
    {
        using var process = new CommandLineProcess("generate", "--model", "nowhere", "--prompt", "");
        Assert.That((process.Wait(), process.Error), Is.EqualTo(((int)ExitCode.Usage, "error: prompt: the text is empty; write what is to be answered\n")));
    }

    [Test]
    public void APromptOfAnotherTypeIsNamed()
    {
        using var folder = new ScratchDirectory();
        var data = folder.Write("prompts.jsonl", "{\"prompt\": 3}");
        using var process = new CommandLineProcess("generate", "--model", "nowhere", "--data", data);
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput));
        Assert.That(process.Error, Does.Contain("row 1 has a field 'prompt' that is neither a text nor a list of messages"));
    }

    /// <summary>What can be known before the model is loaded ends the command there, in one line, and leaves no file.</summary>
    [TestCase("no/such/folder/answers.jsonl", "", ExitCode.CannotWrite, "no/such/folder/answers.jsonl")]
    [TestCase("/proc/answers.jsonl", "", ExitCode.CannotWrite, "/proc/answers.jsonl: cannot be written: its folder takes no new files")]
    [TestCase("answers.jsonl", "--stop_token_ids 3 99999", ExitCode.Usage, "stop_token_ids: 99999 is no token of the model")]
    [TestCase("answers.jsonl", "--n 2147483647", ExitCode.Usage, "n: 4294967294 answers are asked for")]
    [TestCase("answers.jsonl", "--repetition_penalty 1e-9", ExitCode.Usage, "repetition_penalty: '1E-09' is not a number in [0.01, 100]")]
    public void WhatIsWrongIsSaidBeforeAnythingIsLoaded(string output, string options, ExitCode exitCode, string message)
    {
        using var folder = new ScratchDirectory();
        folder.Write("prompts.jsonl", "{\"prompt\": \"1+1=\"}\n{\"prompt\": \"2+2=\"}\n");
        using var process = new CommandLineProcess(
            ["generate", "--model", ExtractDemo(folder), "--raw", "--data", folder.PathOf("prompts.jsonl"), "--output", folder.PathOf(output), "--device", "cpu",
             .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Multiple(() =>
        {
            Assert.That(process.Wait(), Is.EqualTo((int)exitCode), process.Error);
            Assert.That(process.Error, Does.Contain(message));
            Assert.That(File.Exists(folder.PathOf(output)), Is.False);
        });
    }

    /// <summary>A process that was killed while the model was loaded has left an empty file, which the same command fills; answers are not written over.</summary>
    [Test]
    public void AnEmptyOutputIsTakenAndAFullOneIsRefused()
    {
        using var folder = new ScratchDirectory();
        var answers = folder.Write("answers.jsonl", "");
        string[] arguments = ["generate", "--model", ExtractDemo(folder), "--raw", "--prompt", "1+1=", "--output", answers, "--max_new_tokens", "2", "--device", "cpu"];
        using var first = new CommandLineProcess(arguments);
        Assert.That(first.Wait(), Is.Zero, first.Error);
        var written = File.ReadAllText(answers);
        Assert.That(ReadRows(answers), Has.Count.EqualTo(1));
        using var second = new CommandLineProcess(arguments);
        Assert.That(second.Wait(), Is.EqualTo((int)ExitCode.Usage));
        Assert.That(second.Error, Does.Contain("answers.jsonl is there already"));
        Assert.That(File.ReadAllText(answers), Is.EqualTo(written));
    }

    [Test]
    public void AMalformedRowIsNamedBeforeAnythingIsLoaded()
    {
        using var folder = new ScratchDirectory();
        folder.Write("prompts.jsonl", "{\"prompt\": \"1+1=\"}\n{\"question\": \"2+2=\"}\n");
        using var process = new CommandLineProcess("generate", "--model", folder.PathOf("none"), "--raw", "--data", folder.PathOf("prompts.jsonl"), "--device", "cpu");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput));
        Assert.That(process.Error, Does.Match("prompts.jsonl.*2.*neither a field 'prompt' nor 'messages'"));
    }

    private static string ExtractDemo(ScratchDirectory folder)
    {
        var model = folder.PathOf("model");
        DemoAssets.Extract(model);
        return model;
    }

    private static List<JsonElement> ReadRows(string path) => [.. File.ReadLines(path).Select(static line => JsonDocument.Parse(line).RootElement)];
}
