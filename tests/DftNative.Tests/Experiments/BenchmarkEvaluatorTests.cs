using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Evaluation.Benchmarks;
using DftNative.Experiments;
using DftNative.Tests.Evaluation.Benchmarks;

namespace DftNative.Tests.Experiments;

public sealed class BenchmarkEvaluatorTests
{
    [Test]
    public void AModelIsMeasuredByItsAnswersAndASeedDecidesThem()
    {
        using var model = new EvaluationModel();
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(3), model.WriteProblems(5, "more.jsonl")], Samples = 2, MaxNewTokens = 4, Limit = 4 });
        using var backend = new CpuBackend(1);
        var result = evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None);
        var scores = result.Scores;
        var description = evaluator.Describe().ToDictionary();
        Assert.Multiple(() =>
        {
            Assert.That(scores, Has.Count.EqualTo(3 + 4));
            Assert.That(result.Benchmarks, Is.EqualTo(new[] { new ScoredBenchmark("sums", 3), new ScoredBenchmark("more", 4) }));
            Assert.That(description["benchmarks"], Is.EqualTo("sums, more"), "in their order");
            Assert.That(scores, Is.All.AnyOf(0, 0.5, 1));
            Assert.That(evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None).Scores, Is.EqualTo(scores));
            Assert.That(description["samples"], Is.EqualTo("2"));
            Assert.That(description.Keys.Count(name => name.StartsWith("benchmark ", StringComparison.Ordinal)), Is.EqualTo(2));
        });
    }

    /// <summary>A comparison that is taken up again knows each file by its content.</summary>
    [Test]
    public void FilesOfOneNameAreDescribedApart()
    {
        using var model = new EvaluationModel();
        foreach (var folder in new[] { "first", "second" }) Directory.CreateDirectory(model.PathOf(folder));
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(3, "first/test.jsonl"), model.WriteProblems(5, "second/test.jsonl")] });
        Assert.That(
            evaluator.Describe().Select(entry => entry.Name).Where(name => name.StartsWith("benchmark ", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "benchmark first/test", "benchmark second/test" }));
    }

    /// <summary>Said before anything is trained, counted as wrong, and listed by the benchmark's own numbers.</summary>
    [Test]
    public void AProblemThatCannotBePutToTheModelIsSaidAndWrong()
    {
        using var model = new EvaluationModel(maxPositions: 96);
        using var directory = ModelDirectory.Open(model.ModelPath);
        using var backend = new CpuBackend(1);
        var mixed = model.Write("mixed.jsonl", $$"""
            {"problem": "What is 1 + 1?", "answer": 2}
            {"problem": "{{string.Concat(Enumerable.Repeat("What is 1 + 1? ", 30))}}", "answer": 2}
            {"problem": "Prove it.", "solution": "Clear."}
            """);
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(2), mixed], Samples = 1, MaxNewTokens = 4 });
        var result = evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None);
        var warnings = evaluator.Check(directory);
        Assert.Multiple(() =>
        {
            Assert.That(result.Scores, Has.Count.EqualTo(4));
            Assert.That(result.Scores[3], Is.Zero);
            Assert.That(result.Unasked.Single(), Does.Match("^mixed, problem 1: the prompt has [0-9]+ tokens; the model takes 96"));
            Assert.That(warnings, Has.Count.EqualTo(2));
            Assert.That(warnings[0], Does.StartWith("mixed: 1 rows are left out"));
            Assert.That(warnings[1], Is.EqualTo($"1 of the benchmarks' 4 problems cannot be put to the model and count as wrong: {result.Unasked[0]}"));
        });
    }

    [Test]
    public void ProblemsThatNoneOfCanBePutToTheModelAreAnErrorBeforeTraining()
    {
        using var model = new EvaluationModel(maxPositions: 16);
        using var directory = ModelDirectory.Open(model.ModelPath);
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(2)] });
        Assert.That(() => evaluator.Check(directory), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.InvalidInput).And.Message.Contains("none of the benchmarks' 2 problems"));
    }

    /// <summary>In the words of the experiment's file, which has no options of eval.</summary>
    [Test]
    public void MistakesAreMendedByTheFilesKeys()
    {
        using var model = new EvaluationModel();
        Assert.Multiple(() =>
        {
            Check(new BenchmarkSettings { Benchmarks = ["math500"], Folder = model.PathOf("nowhere") }, "with benchmark_dir, or the file itself in benchmarks");
            Check(new BenchmarkSettings { Benchmarks = ["math50"] }, "'math50' is neither one of math500, ");
            Check(new BenchmarkSettings { Benchmarks = [model.Write("task.jsonl", """{"task": "What is 1 + 1?", "answer": 2}""")] }, "rename the column to question");
            Check(new BenchmarkSettings { Benchmarks = [model.Write("result.jsonl", """{"problem": "What is 1 + 1?", "result": 2}""")] }, "rename the column to answer");
        });

        void Check(BenchmarkSettings settings, string advice) =>
            Assert.That(() => new BenchmarkEvaluator(settings), Throws.TypeOf<DftNativeException>().With.Message.Contains(advice).And.Message.Not.Contains("--"));
    }

    /// <summary>Before anything is trained, by the name that the experiment's file has for it.</summary>
    [Test]
    public void MoreAnswersThanCanBeCountedAreAnErrorBeforeTraining()
    {
        using var model = new EvaluationModel();
        using var directory = ModelDirectory.Open(model.ModelPath);
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(2)], Samples = int.MaxValue });
        Assert.That(() => evaluator.Check(directory), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.Usage).And.Message.StartsWith("samples: 4294967294 answers"));
    }

    [Test]
    public void AStyleThatTheTokenizerHasNoTokensForIsAnErrorBeforeTraining()
    {
        using var model = new EvaluationModel();
        using var directory = ModelDirectory.Open(model.ModelPath);
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(2)], PromptStyle = PromptStyle.LlamaBaseBoxed });
        Assert.That(() => evaluator.Check(directory), Throws.TypeOf<DftNativeException>().With.Message.Contains("prompt_style llama-base-boxed"));
    }

    [Test]
    public void AMissingFileIsNamedAtOnce() =>
        Assert.That(() => new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = ["no-such.jsonl"] }), Throws.TypeOf<DftNativeException>().With.Message.Contains("no-such.jsonl"));
}
