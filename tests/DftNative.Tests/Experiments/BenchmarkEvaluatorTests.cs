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
        var scores = evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None);
        var description = evaluator.Describe().ToDictionary();
        Assert.Multiple(() =>
        {
            Assert.That(scores, Has.Count.EqualTo(3 + 4));
            Assert.That(scores, Is.All.AnyOf(0, 0.5, 1));
            Assert.That(evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None), Is.EqualTo(scores));
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

    [Test]
    public void AProblemThatCannotBePutToTheModelIsWrong()
    {
        using var model = new EvaluationModel(maxPositions: 16);
        using var backend = new CpuBackend(1);
        var evaluator = new BenchmarkEvaluator(new BenchmarkSettings { Benchmarks = [model.WriteProblems(2)], Samples = 1, MaxNewTokens = 4 });
        Assert.That(evaluator.Evaluate(backend, model.ModelPath, seed: 1, CancellationToken.None), Is.EqualTo(new[] { 0.0, 0.0 }));
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
