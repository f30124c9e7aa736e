using System.Text.Json;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>Rows of samples on disk, the training rows that are made of them, and the folder that they are in.</summary>
internal sealed class SampleFileTests
{
    private ScratchDirectory scratch = null!;

    private string Path => scratch.PathOf("samples.jsonl");

    [SetUp]
    public void MakeDirectory() => scratch = new ScratchDirectory();

    [TearDown]
    public void RemoveDirectory() => scratch.Dispose();

    [Test]
    public void ARowIsReadAsItWasWritten()
    {
        ProblemSamples[] rows =
        [
            Row("math", 2, Sample("So \\boxed{½} \"quoted\"\n", "½", SampleVerdict.Right), Sample("none", null, SampleVerdict.NoAnswer, stopped: false)) with { Majority = new MajorityVote("½", 1, true) },
            Row("math", 0) with { Error = "too long" },
            Row("marked", 0, Sample("3;4", "4", SampleVerdict.Right)) with { Problem = new BenchmarkProblem("2+2=", "4") { AnswerAfter = ";" } },
            Row("amc", 1, Sample("\\boxed{???}", "???", SampleVerdict.Unparsed), Sample("5", "5", SampleVerdict.Wrong)),
        ];
        Append(rows);
        var read = ReadAll();
        Assert.That(read.Select(JsonOf), Is.EqualTo(rows.Select(JsonOf)));
        Assert.That(read.Select(row => row.Problem), Is.EqualTo(rows.Select(row => row.Problem)));
        Assert.That(read[0].Samples, Is.EqualTo(rows[0].Samples));
        Assert.That(File.ReadAllText(Path), Does.Contain("½").And.Contain("\"right\":1"));
    }

    /// <summary>Wherever a kill cuts the file, what was whole stays and the rest is written anew.</summary>
    [Test]
    public void ATornRowIsCutOffWhereverItIsTorn()
    {
        Append(Row("a", 0, Sample("1", "1", SampleVerdict.Right)), Row("a", 1, Sample("2", "2", SampleVerdict.Wrong)));
        var whole = File.ReadAllBytes(Path);
        var first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.That(ReadAll(), Has.Count.EqualTo(length < first ? 0 : length < whole.Length ? 1 : 2), $"{length} bytes");
            Append(Row("a", 2));
            Assert.That(ReadAll()[^1].Number, Is.EqualTo(2));
        }
    }

    [Test]
    public void ADamagedRowIsNamed()
    {
        File.WriteAllText(Path, "{\"benchmark\":\"a\"}\n");
        Assert.That(() => ReadAll(), Throws.TypeOf<DftNativeException>().With.Message.Contains("samples.jsonl: row 1 is not a row of samples"));
    }

    [TestCase("\uFEFF", "begins with a byte order mark")]
    [TestCase("[]\n", "row 1 is not a row of samples; remove the row, and its problem is sampled again")]
    [TestCase("not JSON\n", "row 1 is not valid JSON")]
    [TestCase("{\"benchmark\":\"a\",\"problem\":99999999999,\"question\":\"\",\"answer\":\"\"}\n", "row 1 is not a row of samples; remove the row")]
    public void AForeignFileIsNamedWithoutTheWordsOfNet(string text, string fault)
    {
        File.WriteAllText(Path, text);
        var exception = Assert.Throws<DftNativeException>(() => ReadAll());
        Assert.That(exception!.Message, Does.Contain("samples.jsonl: ").And.Contain(fault).And.Not.Contain("requested operation"));
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        Assert.That(File.ReadAllText(Path), Is.EqualTo(text.TrimStart('\uFEFF')), "it is left as it is");
    }

    /// <summary>Whatever byte is flipped, the file is read, or a row is named; nothing else happens to it.</summary>
    [Test]
    public void AFlippedByteIsNamedOrIsText()
    {
        Append(Row("a", 0, Sample("1", "1", SampleVerdict.Right)) with { Majority = new MajorityVote("1", 1, true) }, Row("a", 1) with { Error = "too long" });
        var whole = File.ReadAllBytes(Path);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Path, damaged);
            try
            {
                Assert.That(ReadAll(), Has.Count.LessThanOrEqualTo(2));
            }
            catch (DftNativeException exception)
            {
                refused++;
                Assert.That(exception.Message, Does.Match("samples.jsonl: (row [12] |begins with)"));
                Assert.That(File.ReadAllBytes(Path), Is.EqualTo(damaged));
            }
        }

        Assert.That(refused, Is.GreaterThan(whole.Length / 4));
    }

    [Test]
    public void VerdictsThatAreNotTheirCountAreDamage()
    {
        Append(Row("a", 0, Sample("1", "1", SampleVerdict.Right)));
        File.WriteAllText(Path, File.ReadAllText(Path).Replace("\"right\":1", "\"right\":0", StringComparison.Ordinal));
        Assert.That(() => ReadAll(), Throws.TypeOf<DftNativeException>().With.Message.Contains("row 1 is damaged: its verdicts and their count do not agree"));
    }

    [Test]
    public void RowsAreSortedByBenchmarkAndNumber()
    {
        using (var file = SampleFile.Open(Path, _ => { }))
        {
            foreach (var row in new[] { Row("b", 10), Row("a", 3), Row("b", 9), Row("a", 0) }) file.Append(row);
            file.Sort(["b", "a"]);
        }

        Assert.That(ReadAll().Select(row => (row.Benchmark, row.Number)), Is.EqualTo(new[] { ("b", 9), ("b", 10), ("a", 0), ("a", 3) }));
        Assert.That(Directory.GetFiles(scratch.FullName), Has.Length.EqualTo(1));
    }

    [Test]
    public void OneProcessWritesAtATime()
    {
        using var file = SampleFile.Open(Path, _ => { });
        Assert.That(() => SampleFile.Open(Path, _ => { }), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.CannotWrite));
    }

    [Test]
    public void TrainingRowsAreTheRightWholeSamplesOnce([Values(0, 1, 2)] int most)
    {
        Append(
            Row("a", 0,
                Sample("first \\boxed{4}\n", "4", SampleVerdict.Right), Sample("wrong", "3", SampleVerdict.Wrong), Sample("first \\boxed{4}", "4", SampleVerdict.Right),
                Sample("cut \\boxed{4}", "4", SampleVerdict.Right, stopped: false), Sample("second \\boxed{4}", "4", SampleVerdict.Right), Sample("third \\boxed{4}", "4", SampleVerdict.Right)),
            Row("a", 1, Sample("wrong", "3", SampleVerdict.Wrong)),
            Row("a", 2) with { Error = "too long" });
        var counts = KeptRows.Write(Path, scratch.PathOf("kept.jsonl"), PromptStyle.DeepSeekMath, most);
        var kept = EvaluationModel.Rows(scratch.PathOf("kept.jsonl"));
        string[] all = ["first \\boxed{4}", "second \\boxed{4}", "third \\boxed{4}"];
        Assert.Multiple(() =>
        {
            Assert.That(counts, Is.EqualTo((most == 0 ? 3 : most, 1)));
            Assert.That(kept.Select(row => row.GetProperty("solution").GetString()), Is.EqualTo(most == 0 ? all : all[..most]));
            Assert.That(kept[0].GetRawText(), Is.EqualTo("""{"problem":"Question 0?","solution":"first \\boxed{4}","source":"a/0","prompt_style":"deepseek-math"}"""));
        });
    }

    /// <summary>A bare prompt and its continuation are one text, to which nothing is added and of which nothing is taken.</summary>
    [Test]
    public void TrainingRowsOfBarePromptsAreTexts()
    {
        Append(Row("a", 0, Sample(" 1+3;4\n", "4", SampleVerdict.Right), Sample("1+3;4", "4", SampleVerdict.Right)));
        KeptRows.Write(Path, scratch.PathOf("kept.jsonl"), PromptStyle.Raw, 0);
        Assert.That(File.ReadAllLines(scratch.PathOf("kept.jsonl")), Is.EqualTo(new[]
        {
            """{"prompt":"Question 0?","completion":" 1+3;4\n","source":"a/0","prompt_style":"raw"}""",
            """{"prompt":"Question 0?","completion":"1+3;4","source":"a/0","prompt_style":"raw"}""",
        }));
    }

    /// <summary>The last occurrence counts, to the end of its line; without it there is no answer, whatever else the text says.</summary>
    [TestCase("3+4=07;8+1=09;97", SampleVerdict.Right, "97")]
    [TestCase("97;", SampleVerdict.NoAnswer, null)]
    [TestCase("3+4=07;96", SampleVerdict.Wrong, "96")]
    [TestCase("\\boxed{97}", SampleVerdict.NoAnswer, null)]
    [TestCase("1;97 \n98", SampleVerdict.Right, "97")]
    public void AnAnswerStandsBehindItsMark(string text, SampleVerdict verdict, string? extracted)
    {
        var graded = GradedSample.Grade(new GeneratedSequence([1], FinishReason.StopToken) { Text = text }, new BenchmarkProblem("43+54=", "97") { AnswerAfter = ";" });
        Assert.That((graded.Verdict, graded.Extracted), Is.EqualTo((verdict, extracted)));
    }

    [Test]
    public void AVerdictIsWhatTheGraderSays()
    {
        GradedSample Grade(string text, FinishReason reason = FinishReason.StopToken) => GradedSample.Grade(new GeneratedSequence([1, 2, 3], reason) { Text = text }, new BenchmarkProblem("?", "1/2"));
        Assert.Multiple(() =>
        {
            Assert.That(Grade("\\boxed{0.5}"), Is.EqualTo(Sample("\\boxed{0.5}", "0.5", SampleVerdict.Right, tokens: 3)));
            Assert.That(Grade("\\boxed{0.6}"), Is.EqualTo(Sample("\\boxed{0.6}", "0.6", SampleVerdict.Wrong, tokens: 3)));
            Assert.That(Grade("\\boxed{\\frac{1}{}"), Has.Property("Verdict").EqualTo(SampleVerdict.Wrong), "the box is open, and the last number stands");
            Assert.That(Grade("\\boxed{)1(}").Verdict, Is.EqualTo(SampleVerdict.Unparsed));
            Assert.That(Grade("I do not know what to do about it"), Is.EqualTo(Sample("I do not know what to do about it", null, SampleVerdict.NoAnswer, tokens: 3)));
            Assert.That(Grade("\\boxed{0.5}", FinishReason.Length), Is.EqualTo(Sample("\\boxed{0.5}", "0.5", SampleVerdict.Right, stopped: false, tokens: 3)));
        });
    }

    [Test]
    public void WhatIsLeftOutAndReferencesThatCannotBeReadAreListed()
    {
        var readable = ProblemScore.Of(Row("a", 0, Sample("1", "1", SampleVerdict.Wrong)));
        var unreadable = ProblemScore.Of(new ProblemSamples("a", 1, new BenchmarkProblem("Why?", "because of ( it"), [Sample("1", "1", SampleVerdict.Wrong)]));
        EvaluationSummary.Write(scratch.PathOf("summary.json"), new Dictionary<string, string>(), [new BenchmarkResult("a", 1, [readable, unreadable], seed: 0) { SkippedRows = 7 }]);
        var result = EvaluationModel.Summary(scratch.FullName).GetProperty("benchmarks").GetProperty("a");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("unparsed_references").EnumerateArray().Select(entry => (entry.GetProperty("problem").GetInt32(), entry.GetProperty("answer").GetString())), Is.EqualTo(new[] { (1, "because of ( it") }));
            Assert.That(result.GetProperty("rows_left_out").GetInt32(), Is.EqualTo(7));
        });
    }

    [Test]
    public void UnparsedAnswersAreListed()
    {
        var score = ProblemScore.Of(Row("a", 5, Sample("x", ")", SampleVerdict.Unparsed), Sample("1", "1", SampleVerdict.Right, stopped: false), Sample("y", "(", SampleVerdict.Unparsed)));
        EvaluationSummary.Write(scratch.PathOf("summary.json"), new Dictionary<string, string> { ["n"] = "3" }, [new BenchmarkResult("a", 3, [score], seed: 0)]);
        var result = EvaluationModel.Summary(scratch.FullName).GetProperty("benchmarks").GetProperty("a");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("unparsed").EnumerateArray().Select(entry => (entry.GetProperty("problem").GetInt32(), entry.GetProperty("sample").GetInt32())), Is.EqualTo(new[] { (5, 0), (5, 2) }));
            Assert.That(result.GetProperty("verdicts").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings(""), Is.EqualTo("""{"right":1,"wrong":0,"unparsed":2,"no_answer":0}"""));
            Assert.That(result.GetProperty("cut_off").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public void AFolderIsOneEvaluations()
    {
        var folder = new EvaluationFolder(scratch.PathOf("out"));
        var settings = new Dictionary<string, string> { ["n"] = "3", ["seed"] = "1" };
        Assert.Multiple(() =>
        {
            Assert.That(folder.Claim(settings), Is.False);
            Assert.That(folder.Claim(settings), Is.True);
            Assert.That(
                () => folder.Claim(new Dictionary<string, string> { ["n"] = "4", ["top_p"] = "1" }),
                Throws.TypeOf<DftNativeException>().With.Message.Contains("n was 3 and is 4, top_p was not there and is 1, seed was 1 and is not there").And.Property("ExitCode").EqualTo(ExitCode.Usage));
            Assert.That(() => new EvaluationFolder(scratch.FullName).Claim(settings), Throws.TypeOf<DftNativeException>().With.Message.Contains("not empty"));
            Assert.That(() => new EvaluationFolder(scratch.PathOf("out/evaluation.json")).Claim(settings), Throws.TypeOf<DftNativeException>().With.Message.Contains("is a file"));
        });
    }

    private static ProblemSamples Row(string benchmark, int number, params GradedSample[] samples) => new(benchmark, number, new BenchmarkProblem($"Question {number}?", "4"), samples);

    private static GradedSample Sample(string text, string? extracted, SampleVerdict verdict, bool stopped = true, int tokens = 9) => new(text, extracted, verdict, stopped, tokens);

    private static string JsonOf(ProblemSamples row) => JsonSerializer.Serialize(row);

    private void Append(params ProblemSamples[] rows)
    {
        using var file = SampleFile.Open(Path, _ => { });
        foreach (var row in rows) file.Append(row);
    }

    private List<ProblemSamples> ReadAll()
    {
        var rows = new List<ProblemSamples>();
        using var file = SampleFile.Open(Path, rows.Add);
        return rows;
    }
}
