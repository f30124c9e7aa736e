using System.Text.Json;
using DftNative.Demo;
using DftNative.Tests.Evaluation.Benchmarks;

namespace DftNative.Tests.CommandLine;

/// <summary>eval as a user calls it.</summary>
public sealed class EvaluateCommandTests
{
    /// <summary>So many that a signal comes before the end on a busy machine too.</summary>
    private const int Problems = 150;

    private EvaluationModel model = null!;

    [OneTimeSetUp]
    public void MakeModel() => model = new EvaluationModel();

    [OneTimeTearDown]
    public void RemoveModel() => model.Dispose();

    [Test]
    [Category("Slow")]
    public void AKilledEvaluationGoesOnToTheSameBytes([Values(CommandLineProcess.Killed, CommandLineProcess.Terminate)] int signal)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("signals are sent with kill");
        var data = model.WriteProblems(Problems);
        string[] options = ["--data", data, "--n", "2", "--max_new_tokens", "200", "--batch_size", "3"];
        var (unbroken, broken) = ($"unbroken-{signal}", $"broken-{signal}");
        Assert.That(Run(options, unbroken).ExitCode, Is.Zero);
        using (var process = Start(options, broken))
        {
            var samples = model.PathOf(broken + "/samples.jsonl");
            while (process.IsRunning && !(File.Exists(samples) && new FileInfo(samples).Length > 0)) Thread.Sleep(5);
            process.Signal(signal);
            Assert.That(process.Wait(), Is.EqualTo(signal == CommandLineProcess.Killed ? 128 + signal : (int)ExitCode.Interrupted), process.Error);
            Assert.That(File.ReadAllLines(samples), Has.Length.InRange(1, Problems - 1));
        }

        // What a kill may leave of a line, and another number of sequences at once: neither is seen in the end.
        File.AppendAllText(model.PathOf(broken + "/samples.jsonl"), "{\"benchmark\":\"sums\",\"problem\":7,\"qu");
        var resumed = Run([.. options[..^1], "5"], broken);
        Assert.Multiple(() =>
        {
            Assert.That(resumed.ExitCode, Is.Zero, resumed.Error);
            Assert.That(resumed.Error, Does.Match($@"continuing .*: \d+ of {Problems} problems are done"));
            foreach (var file in new[] { "samples.jsonl", "summary.json", "evaluation.json" })
                Assert.That(File.ReadAllText(model.PathOf($"{broken}/{file}")), Is.EqualTo(File.ReadAllText(model.PathOf($"{unbroken}/{file}"))), file);
        });
    }

    /// <summary>Whatever problems an earlier part has done, and however many sequences are sampled at once.</summary>
    [TestCase("cpu")]
    [TestCase("cuda", Category = "Slow")]
    public void WhatIsMissingIsSampledToTheSameBytes(string device)
    {
        if (device == "cuda") Cuda.CudaEmulator.Require();
        var (whole, part) = ($"whole-{device}", $"part-{device}");
        string[] options = ["--data", model.WriteProblems(5), "--n", "2", "--max_new_tokens", "4", "--device", device, "--batch_size", "3"];
        var first = Run(options, whole);
        Assert.That(first.ExitCode, Is.Zero, first.Error);
        Directory.CreateDirectory(model.PathOf(part));
        var rows = File.ReadAllLines(model.PathOf(whole + "/samples.jsonl"));
        File.WriteAllText(model.PathOf(part + "/samples.jsonl"), $"{rows[3]}\n{rows[1]}\n");
        File.Copy(model.PathOf(whole + "/evaluation.json"), model.PathOf(part + "/evaluation.json"));
        var second = Run([.. options[..^1], "2"], part);
        Assert.Multiple(() =>
        {
            Assert.That(second.Error, Does.Contain("2 of 5 problems are done"));
            Assert.That(File.ReadAllText(model.PathOf(part + "/evaluation.json")).Contains("\"device\": \"cpu\"", StringComparison.Ordinal), Is.EqualTo(device == "cpu"));
            foreach (var file in new[] { "samples.jsonl", "summary.json" })
                Assert.That(File.ReadAllText(model.PathOf($"{part}/{file}")), Is.EqualTo(File.ReadAllText(model.PathOf($"{whole}/{file}"))), file);
        });
    }

    /// <summary>Problems, samples and other people's files are not replaced by the rows that are kept.</summary>
    [Test]
    public void KeptRowsReplaceNothingElse()
    {
        var data = model.WriteProblems(2);
        var text = File.ReadAllText(data);
        string[] options = ["--data", data, "--n", "2", "--max_new_tokens", "4"];
        Assert.Multiple(() =>
        {
            foreach (var (keep, exitCode) in new[] { (data, ExitCode.Usage), (model.PathOf("own/samples.jsonl"), ExitCode.Usage), (model.PathOf("nowhere/kept.jsonl"), ExitCode.CannotWrite) })
            {
                var refused = Run([.. options, "--keep", keep], "own");
                Assert.That(refused.ExitCode, Is.EqualTo((int)exitCode), refused.Error);
                Assert.That(refused.Error, Does.Contain("keep: "));
            }

            Assert.That(File.ReadAllText(data), Is.EqualTo(text));
            Assert.That(Directory.Exists(model.PathOf("own")), Is.False, "nothing was sampled");
        });
    }

    [Test]
    public void AnotherEvaluationIsRefusedAndSaysWhatDiffers()
    {
        var data = model.WriteProblems(2);
        string[] options = ["--data", data, "--n", "2", "--max_new_tokens", "4"];
        Assert.That(Run(options, "one").ExitCode, Is.Zero);
        var before = File.ReadAllText(model.PathOf("one/samples.jsonl"));
        var other = Run([.. options, "--temperature", "0.5", "--seed", "7"], "one");
        var limited = Run([.. options, "--limit", "1"], "one");
        Assert.Multiple(() =>
        {
            Assert.That(other.ExitCode, Is.EqualTo((int)ExitCode.Usage));
            Assert.That(other.Error, Does.Contain("temperature was 1 and is 0.5").And.Contain("seed was 42 and is 7").And.Not.Contain("top_p"));
            Assert.That(limited.Error, Does.Contain("benchmark sums was 2 problems"));
            Assert.That(OnAnotherDevice().Error, Does.Contain("device was NVIDIA H200 (139 GiB) and is cpu"));
            Assert.That(File.ReadAllText(model.PathOf("one/samples.jsonl")), Is.EqualTo(before));
        });
    }

    /// <summary>A template is what is in it: under another name it is the same, and changed under its name another.</summary>
    [Test]
    public void AChatTemplateIsKnownByItsContent()
    {
        string[] options = ["--data", model.WriteProblems(2), "--n", "1", "--max_new_tokens", "2", "--prompt_style", "chat", "--chat_template"];
        var template = model.Write("one.jinja", "{% for message in messages %}{{ message.content }}?{% endfor %}");
        Assert.That(Run([.. options, template], "template").ExitCode, Is.Zero);
        File.Move(template, model.PathOf("two.jinja"));
        var renamed = Run([.. options, model.PathOf("two.jinja")], "template");
        model.Write("two.jinja", "{% for message in messages %}{{ message.content }}!{% endfor %}");
        var changed = Run([.. options, model.PathOf("two.jinja")], "template");
        Assert.Multiple(() =>
        {
            Assert.That(renamed.ExitCode, Is.Zero, renamed.Error);
            Assert.That(changed.ExitCode, Is.EqualTo((int)ExitCode.Usage), changed.Error);
            Assert.That(changed.Error, Does.Contain("chat_template was one that makes prompts of xxh64"));
        });
    }

    /// <summary>Rows of another evaluation, or twice the same: named, and nothing is sampled or lost.</summary>
    [Test]
    public void RowsThatAreNotThisEvaluationsAreNamed()
    {
        string[] options = ["--data", model.WriteProblems(2), "--n", "1", "--max_new_tokens", "2"];
        Assert.That(Run(options, "foreign").ExitCode, Is.Zero);
        var path = model.PathOf("foreign/samples.jsonl");
        var rows = File.ReadAllLines(path);
        Assert.Multiple(() =>
        {
            Refuses(rows[0], "row 2 has problem 0 of sums again; remove the row, and its problem is sampled again");
            Refuses(rows[1].Replace("\"sums\"", "\"others\"", StringComparison.Ordinal), "row 2 is not of this evaluation: its problem 1 of others is another");
            Refuses(rows[1].Replace("\"problem\":1", "\"problem\":2", StringComparison.Ordinal), "row 2 is not of this evaluation: its problem 2 of sums is another");
            Refuses(rows[1].Replace("What is", "What was", StringComparison.Ordinal), "row 2 is not of this evaluation");
            Refuses(System.Text.RegularExpressions.Regex.Replace(rows[1], @"""samples"":\[.*\]", "\"samples\":[]"), "row 2 has 0 samples in place of 1");
        });

        void Refuses(string second, string fault)
        {
            var text = $"{rows[0]}\n{second}\n";
            File.WriteAllText(path, text);
            var run = Run(options, "foreign");
            Assert.That((run.ExitCode, run.Error.Contains(fault, StringComparison.Ordinal)), Is.EqualTo(((int)ExitCode.InvalidInput, true)), run.Error);
            Assert.That(File.ReadAllText(path), Is.EqualTo(text));
        }
    }

    /// <summary>The layout of the public evaluation's data: every file is called test.jsonl.</summary>
    [Test]
    public void FilesOfOneNameAreToldApartByTheirFolders()
    {
        foreach (var folder in new[] { "set-one", "set-two" }) Directory.CreateDirectory(model.PathOf(folder));
        var run = Run(["--data", model.WriteProblems(2, "set-one/test.jsonl"), model.WriteProblems(3, "set-two/test.jsonl"), "--n", "1", "--max_new_tokens", "2"], "folders");
        var benchmarks = EvaluationModel.Summary(model.PathOf("folders")).GetProperty("benchmarks");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(benchmarks.EnumerateObject().Select(benchmark => (benchmark.Name, benchmark.Value.GetProperty("problems").GetInt32())), Is.EqualTo(new[] { ("set-one/test", 2), ("set-two/test", 3) }));
    }

    /// <summary>The answers that the model gives are made the references: then it is right, and learns from itself.</summary>
    [Test]
    public void RightSamplesBecomeTrainingRows()
    {
        var data = model.WriteProblems(6);
        string[] options = ["--n", "4", "--max_new_tokens", "30", "--stop", "a", "e"];
        Assert.That(Run([.. options, "--data", data], "first").ExitCode, Is.Zero);
        var answers = EvaluationModel.Rows(model.PathOf("first/samples.jsonl")).Select(row => row.GetProperty("samples").EnumerateArray()
            .Where(sample => sample.GetProperty("finish_reason").GetString() == "stop").Select(sample => sample.GetProperty("extracted").GetString()).FirstOrDefault(answer => answer is not null) ?? "none").ToList();
        Assert.That(answers.Count(answer => answer != "none"), Is.GreaterThan(1), "the model and its seed give answers to keep");
        var rows = answers.Select((answer, i) => $"{{\"problem\": \"What is {i + 1} + {i + 1}?\", \"answer\": {JsonSerializer.Serialize(answer)}}}\n");
        var second = Run([.. options, "--data", model.Write("own.jsonl", string.Concat(rows)), "--keep", model.PathOf("kept.jsonl"), "--keep_per_problem", "1"], "second");
        var kept = EvaluationModel.Rows(model.PathOf("kept.jsonl"));
        var again = Run([.. options, "--data", model.PathOf("own.jsonl"), "--keep", model.PathOf("kept-again.jsonl"), "--keep_per_problem", "1"], "second");
        using var train = new CommandLineProcess(
            "train", "--model", model.ModelPath, "--data", model.PathOf("kept.jsonl"), "--output", model.PathOf("learnt"), "--max_steps", "1", "--global_batch_size", "2", "--max_length", "128");
        Assert.Multiple(() =>
        {
            Assert.That(second.ExitCode, Is.Zero, second.Error);
            Assert.That(kept, Has.Count.EqualTo(answers.Count(answer => answer != "none")));
            Assert.That(kept[0].GetProperty("prompt_style").GetString(), Is.EqualTo("qwen-boxed"));
            Assert.That(kept[0].GetProperty("source").GetString(), Does.StartWith("own/"));
            Assert.That(again.ExitCode, Is.Zero, again.Error);
            Assert.That(File.ReadAllText(model.PathOf("kept-again.jsonl")), Is.EqualTo(File.ReadAllText(model.PathOf("kept.jsonl"))));
            Assert.That(train.Wait(), Is.Zero, train.Error);
        });
    }

    [Test]
    public void APromptLongerThanTheContextIsListedAndTheOthersAreDone()
    {
        var data = model.Write("long.jsonl", $$"""
            {"question": "What is 1 + 1?", "answer": "2"}
            {"question": "{{string.Concat(Enumerable.Repeat("What is 1 + 1? ", 200))}}", "answer": "2"}
            """);
        var run = Run(["--data", data, "--n", "2", "--max_new_tokens", "5"], "long");
        var rows = EvaluationModel.Rows(model.PathOf("long/samples.jsonl"));
        var result = EvaluationModel.Summary(model.PathOf("long")).GetProperty("benchmarks").GetProperty("long");
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo((int)ExitCode.InvalidInput));
            Assert.That(run.Error, Does.Contain("1 of 2 problems could not be put to the model"));
            Assert.That(run.Output, Does.Contain("tokens each; 1 could not be put to the model and count as wrong"));
            Assert.That(rows[0].GetProperty("samples").GetArrayLength(), Is.EqualTo(2));
            Assert.That(rows[1].GetProperty("error").GetString(), Does.Contain("the model takes 512, of which one is for the answer"));
            Assert.That(result.GetProperty("failed")[0].GetProperty("problem").GetInt32(), Is.EqualTo(1));
            Assert.That(result.GetProperty("problems").GetInt32(), Is.EqualTo(2));
        });
    }

    /// <summary>Samples are cut off at the limit, counted as such, and graded all the same.</summary>
    [Test]
    public void AStopStringThatNeverComesIsNoError()
    {
        var run = Run(["--data", model.WriteProblems(3), "--n", "2", "--max_new_tokens", "6", "--stop", "this text never comes"], "stop");
        var result = EvaluationModel.Summary(model.PathOf("stop")).GetProperty("benchmarks").GetProperty("sums");
        var samples = EvaluationModel.Rows(model.PathOf("stop/samples.jsonl")).SelectMany(row => row.GetProperty("samples").EnumerateArray());
        var verdicts = result.GetProperty("verdicts").EnumerateObject().Sum(verdict => verdict.Value.GetInt32());
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(verdicts, Is.EqualTo(6));
            Assert.That(result.GetProperty("cut_off").GetInt32(), Is.EqualTo(samples.Count(sample => sample.GetProperty("tokens").GetInt32() == 6)).And.Positive);
            Assert.That(run.Output, Does.Contain("average@2").And.Contain("pass@1").And.Contain("majority@2").And.Contain($"{result.GetProperty("cut_off")} cut off at the limit"));
        });
    }

    [Test]
    public void SeveralBenchmarksHaveAMean()
    {
        Directory.CreateDirectory(model.PathOf("sets"));
        model.Write("sets/amc23.jsonl", """{"question": "What is 20 + 7?", "answer": 27.0}""");
        model.WriteProblems(2);
        var run = Run(["--benchmark", "amc23", "--benchmark_dir", model.PathOf("sets"), "--data", model.PathOf("sums.jsonl"), "--n", "2", "--max_new_tokens", "4"], "several");
        var summary = EvaluationModel.Summary(model.PathOf("several"));
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(summary.GetProperty("benchmarks").EnumerateObject().Select(benchmark => benchmark.Name), Is.EqualTo(new[] { "amc23", "sums" }));
            Assert.That(summary.GetProperty("mean").GetProperty("average@2").GetProperty("value").GetDouble(), Is.Zero);
            Assert.That(EvaluationModel.Rows(model.PathOf("several/samples.jsonl")).Select(row => row.GetProperty("benchmark").GetString()), Is.EqualTo(new[] { "amc23", "sums", "sums" }));
        });
    }

    /// <summary>The demo's model on its own problems, and its right answers as rows that train takes.</summary>
    [Test]
    public void AModelOfBarePromptsIsEvaluatedAndLearnsFromItsAnswers()
    {
        DemoAssets.Extract(model.PathOf("demo"));
        DemoData.Write(model.PathOf("demo"), [], AdditionTask.DrawHeldOut(1, 20));
        using var evaluation = new CommandLineProcess(
            "eval", "--model", model.PathOf("demo"), "--data", model.PathOf("demo/problems.jsonl"), "--prompt_style", "raw", "--n", "4", "--device", "cpu",
            "--output", model.PathOf("raw"), "--keep", model.PathOf("bare.jsonl"), "--keep_per_problem", "1");
        Assert.That(evaluation.Wait(), Is.Zero, evaluation.Error);
        var average = EvaluationModel.Summary(model.PathOf("raw")).GetProperty("benchmarks").GetProperty("problems").GetProperty("average@4").GetProperty("value").GetDouble();
        using var training = new CommandLineProcess(
            "train", "--model", model.PathOf("demo"), "--data", model.PathOf("bare.jsonl"), "--output", model.PathOf("bare"), "--global_batch_size", "4", "--max_steps", "1", "--device", "cpu");
        Assert.Multiple(() =>
        {
            Assert.That(average, Is.InRange(0.4, 0.9), "the base model, of which the README says 64 %");
            Assert.That(training.Wait(), Is.Zero, training.Error);
        });
    }

    [TestCase("--benchmark", "math500", ExitCode.InvalidInput, "get the file from QwenLM/Qwen2.5-Math")]
    [TestCase("--prompt_style", "llama-base-boxed", ExitCode.Usage, "the tokenizer has no token <|start_header_id|>")]
    [TestCase("--keep", "kept.jsonl", ExitCode.Usage, "give --output too")]
    [TestCase("--keep_per_problem", "2", ExitCode.Usage, "keep_per_problem: no rows are kept without --keep")]
    [TestCase("--chat_template", "chatml", ExitCode.Usage, "chat_template: prompt_style qwen-boxed uses none")]
    [TestCase("--benchmark_dir", "sets", ExitCode.Usage, "benchmark_dir: it is where --benchmark looks")]
    [TestCase("--output", "/proc/nothing/here", ExitCode.CannotWrite, "/proc/nothing/here: cannot be written")]
    public void WhatIsWrongIsNamed(string option, string value, ExitCode exitCode, string message)
    {
        using var process = new CommandLineProcess("eval", "--model", model.ModelPath, "--data", model.WriteProblems(1), option, value);
        Assert.That((process.Wait(), process.Error.Contains(message, StringComparison.Ordinal)), Is.EqualTo(((int)exitCode, true)), process.Error);
    }

    /// <summary>Goes on with "one" as if it had begun on a GPU.</summary>
    private (int ExitCode, string Output, string Error) OnAnotherDevice()
    {
        var settings = model.PathOf("one/evaluation.json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("\"device\": \"cpu\"", "\"device\": \"NVIDIA H200 (139 GiB)\"", StringComparison.Ordinal));
        return Run(["--data", model.PathOf("sums.jsonl"), "--n", "2", "--max_new_tokens", "4"], "one");
    }

    private CommandLineProcess Start(string[] options, string output) => new(["eval", "--model", model.ModelPath, "--output", model.PathOf(output), .. options]);

    private (int ExitCode, string Output, string Error) Run(string[] options, string output)
    {
        using var process = Start(options, output);
        return (process.Wait(), process.Output, process.Error);
    }
}
