using System.Text;
using DftNative.Evaluation.Benchmarks;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>The files of the six benchmarks, and bad ones.</summary>
internal sealed class BenchmarkReaderTests
{
    private ScratchDirectory scratch = null!;

    [SetUp]
    public void MakeDirectory() => scratch = new ScratchDirectory();

    [TearDown]
    public void RemoveDirectory() => scratch.Dispose();

    [TestCase("""{"problem": "Find $x$.", "solution": "It is $\\boxed{1}$.", "answer": "\\left( 3, \\frac{\\pi}{2} \\right)", "level": 2}""", "\\left( 3, \\frac{\\pi}{2} \\right)", TestName = "math500")]
    [TestCase("""{"id": 60, "problem": "Find $x$.", "solution": "...", "answer": "204", "url": "u", "question": "Find $x$."}""", "204", TestName = "aime24")]
    [TestCase("""{"id": 0, "problem": "Find $x$.", "answer": 27.0, "question": "Find $x$."}""", "27.0", TestName = "amc23")]
    [TestCase("""{"problem": "Find $x$.", "solution": "Start with \\[\ns=\\boxed{1.6} \\mathrm{~cm}\n\\]", "type": "astronomy", "idx": 0}""", "1.6", TestName = "minerva-math")]
    [TestCase("""{"question": "Find $x$.", "solution": ["Long."], "final_answer": ["$(1,8,19), (2,7,13)$"], "answer_type": "Tuple"}""", "$(1,8,19), (2,7,13)$", TestName = "olympiadbench")]
    [TestCase("""{"question": "Find $x$.", "answer": "9 * 2 = <<9*2=18>>18\n#### 18"}""", "18", TestName = "gsm8k")]
    [TestCase("""{"question": "Find $x$.", "final_answer": ["3", 4]}""", "3, 4", TestName = "a list of answers")]
    public void ABenchmarksRowIsAProblemAndItsAnswer(string row, string answer)
    {
        var benchmark = BenchmarkReader.Read("set", scratch.Write("set.jsonl", row + "\n" + row));
        Assert.That(benchmark.Problems, Is.EqualTo(Enumerable.Repeat(new BenchmarkProblem("Find $x$.", answer), 2)));
    }

    /// <summary>Where a model's answers stand belongs to the problem: another place is another problem.</summary>
    [Test]
    public void ARowSaysBehindWhichTextAnswersStand()
    {
        var (with, without) = (Read(", \"answer_after\": \";\""), Read(", \"answer_after\": null"));
        Assert.Multiple(() =>
        {
            Assert.That(with.Problems.Single(), Is.EqualTo(new BenchmarkProblem("1+1=", "2") { AnswerAfter = ";" }));
            Assert.That(without.Problems.Single(), Is.EqualTo(new BenchmarkProblem("1+1=", "2")));
            Assert.That(with.ComputeFingerprint(), Is.Not.EqualTo(without.ComputeFingerprint()));
        });

        Benchmark Read(string more) => BenchmarkReader.Read("set", scratch.Write("set.jsonl", $"{{\"question\": \"1+1=\", \"answer\": \"2\"{more}}}"));
    }

    [TestCase("""{"question": "1+1=", "answer": "2", "answer_after": ""}""", "row 1 has answer_after that is no text, or empty", "")]
    [TestCase("""{"question": "1+1=", "answer": "2", "answer_after": 3}""", "row 1 has answer_after that is no text, or empty", "")]
    [TestCase("""{"question": "Find $x$.", "difficulty": 3}""", "row 1 has no answer", "it has question, difficulty; name the column with --column answer=COLUMN")]
    [TestCase("""{"answer": "3", "text": "Find"}""", "row 1 has no problem", "it has answer, text; name the column with --column question=COLUMN")]
    [TestCase("""{"problem": "Find $x$.", "solution": "It is 3."}""", "none of 1 rows has an answer", "no solution has \\boxed{} or ####; name the column with --column answer=COLUMN")]
    [TestCase("""{"problem": "Find $x$.", "answer": {"value": 3}}""", "row 1 has an answer that is no text, number or list", "")]
    [TestCase("""{"problem": "Find $x$.", "answer": null}""", "row 1 has no answer: its answer is null; write the answer, or leave the row out", "")]
    [TestCase("""{"problem": "Find $x$.", "solution": null}""", "row 1 has no answer: its solution is null", "")]
    [TestCase("""{"problem": null, "answer": "3"}""", "row 1 has no problem: its question or problem is empty, null or no text; write the problem", "")]
    [TestCase("""{"problem": "Find $x$.", "answer": " "}""", "row 1 has an answer that is empty", "")]
    [TestCase("""{"problem": "Find $x$.", "answer": []}""", "row 1 has an answer that is no text, number or list", "")]
    [TestCase("""{"problem": "Find $x$.", "answer": "3"}x""", "row 1 is not valid JSON", "")]
    [TestCase("[]", "row 1 is not a JSON object", "")]
    [TestCase("", "holds no rows", "")]
    public void ABadFileIsNamedWithTheColumnsThatItHas(string text, string fault, string columns)
    {
        var exception = Assert.Throws<DftNativeException>(() => BenchmarkReader.Read("set", scratch.Write("set.jsonl", text), columns: []));
        Assert.That(exception!.Message, Does.Contain("set.jsonl").And.Contain(fault).And.Contain(columns));
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
    }

    /// <summary>A box with nothing in it is no answer, nor is the solution around it.</summary>
    [Test]
    public void AnEmptyBoxOfASolutionIsNoAnswer([Values("", " ")] string content)
    {
        var benchmark = BenchmarkReader.Read("set", scratch.Write("set.jsonl", $$"""
            {"problem": "Find $x$.", "solution": "It is \\boxed{{{content}}}."}
            {"problem": "Find $y$.", "solution": "It is \\boxed{3}."}
            """));
        Assert.That((benchmark.Problems.Single(), benchmark.SkippedRows), Is.EqualTo((new BenchmarkProblem("Find $y$.", "3"), 1)));
    }

    /// <summary>Tables that tools have written have every column in every row.</summary>
    [Test]
    public void AnAnswerThatIsNullGivesWayToTheSolution() => Assert.That(
        BenchmarkReader.Read("set", scratch.Write("set.jsonl", """{"problem": "Find $x$.", "answer": null, "solution": "It is $\\boxed{3}$."}""")).Problems.Single().Answer, Is.EqualTo("3"));

    [TestCase("a directory", "it is a directory; name a file")]
    [TestCase("missing.jsonl", "there is no such file")]
    [TestCase("nowhere/missing.csv", "there is no such file")]
    public void AFileThatCannotBeReadIsNamedWithoutTheWordsOfNet(string name, string reason)
    {
        Directory.CreateDirectory(scratch.PathOf("a directory"));
        var path = scratch.PathOf(name);
        Assert.That(
            () => BenchmarkReader.Read("set", path),
            Throws.TypeOf<DftNativeException>().With.Message.EqualTo($"{path}: cannot be read: {reason}").And.Property("ExitCode").EqualTo(ExitCode.InvalidInput));
    }

    /// <summary>Proofs among worked solutions, as NuminaMath has them.</summary>
    [Test]
    public void ASolutionWithoutAnAnswerIsLeftOutAndCounted()
    {
        var benchmark = BenchmarkReader.Read("set", scratch.Write("set.jsonl", """
            {"problem": "Prove it.", "solution": "Clear."}
            {"problem": "Find $x$.", "solution": "$\\boxed{3}$"}
            {"problem": "Prove it again.", "solution": "Clear."}
            """));
        Assert.That((benchmark.Problems.Single(), benchmark.SkippedRows), Is.EqualTo((new BenchmarkProblem("Find $x$.", "3"), 2)));
    }

    [Test]
    public void OtherFormatsAndColumnsAreRead()
    {
        var csv = BenchmarkReader.Read("set", scratch.Write("set.csv", "task,result\n\"Find $x$, please.\",3\n"), ["question=task", "answer=result"]);
        Assert.That(csv.Problems, Is.EqualTo(new[] { new BenchmarkProblem("Find $x$, please.", "3") }));
    }

    [Test]
    public void AFileIsFoundByItsNameOrInTheLayoutOfThePublicEvaluation()
    {
        Directory.CreateDirectory(scratch.PathOf("minerva_math"));
        Assert.Multiple(() =>
        {
            Assert.That(BenchmarkCatalog.Locate("minerva-math", Path.GetDirectoryName(scratch.Write("minerva_math/test.jsonl", ""))! + "/.."), Does.EndWith("minerva_math/test.jsonl"));
            Assert.That(BenchmarkCatalog.Locate("gsm8k", Path.GetDirectoryName(scratch.Write("gsm8k-test.jsonl", ""))!), Does.EndWith("gsm8k-test.jsonl"));
            Assert.That(() => BenchmarkCatalog.Locate("aime24", scratch.FullName), Throws.TypeOf<DftNativeException>().With.Message.Contains("get the file from QwenLM/Qwen2.5-Math on GitHub, evaluation/data/aime24/test.jsonl"));
            Assert.That(() => BenchmarkCatalog.Locate("aime42", scratch.FullName), Throws.TypeOf<DftNativeException>().With.Message.Contains("'aime42' is not one of math500, minerva-math"));
        });
    }

    /// <summary>A continued evaluation must have the same problems: neither a text nor where one ends may change.</summary>
    [Test]
    public void TheFingerprintIsOfEveryText()
    {
        Benchmark Of(params (string Question, string Answer)[] problems) => new("set", [.. problems.Select(problem => new BenchmarkProblem(problem.Question, problem.Answer))]);
        var fingerprints = new[] { Of(("a", "b")), Of(("ab", "")), Of(("a", "c")), Of(("a", "b"), ("a", "b")), Of(("", "ab")) }.Select(benchmark => benchmark.ComputeFingerprint()).ToList();
        Assert.That(fingerprints, Is.Unique);
        Assert.That(Of(("a", "b"), ("c", "d")).Limit(1).ComputeFingerprint(), Is.EqualTo(fingerprints[0]));
    }

    /// <summary>The published files, where they are: every row is a problem with an answer.</summary>
    [TestCase("math500", 500)]
    [TestCase("minerva-math", 272)]
    [TestCase("olympiadbench", 675)]
    [TestCase("aime24", 30)]
    [TestCase("amc23", 40)]
    [TestCase("gsm8k", 1319)]
    public void ThePublishedFilesAreRead(string name, int count)
    {
        var file = Oracles.SharedData(name == "gsm8k" ? "gsm8k-test.jsonl" : name + ".jsonl");
        var benchmark = BenchmarkReader.Read(name, BenchmarkCatalog.Locate(name, Path.GetDirectoryName(file)!));
        Assert.That(benchmark.Problems, Has.Count.EqualTo(count));
        Assert.That(benchmark.Problems.Select(problem => Encoding.UTF8.GetByteCount(problem.Answer)), Has.All.InRange(1, 400));
    }
}
