using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Demo;

/// <summary>Memorising random pairs: the facts, and that a model can learn them.</summary>
public sealed class RecallTaskTests
{
    [Test]
    public void AFactHasOneAnswer()
    {
        var fact = new RecallFact(42, 7);
        Assert.Multiple(() =>
        {
            Assert.That((fact.Prompt, fact.Answer), Is.EqualTo(("042:", "007")));
            Assert.That(fact.IsCorrect("007"));
            foreach (var wrong in new[] { "7", "008", "0070", " 007", "" }) Assert.That(fact.IsCorrect(wrong), Is.False, wrong);
        });
    }

    [Test]
    public void EveryFactHasItsOwnKey()
    {
        var task = new RecallTask(3, 400);
        Assert.Multiple(() =>
        {
            Assert.That(task.TrainingFacts, Has.Count.EqualTo(400));
            Assert.That(task.TestFacts, Has.Count.EqualTo(400));
            Assert.That(task.TrainingFacts.Concat(task.TestFacts).Select(fact => fact.Key), Is.Unique);
            Assert.That(task.TrainingFacts.Select(fact => fact.Value).Distinct().Count(), Is.InRange(290, 370), "330 of 1000 are expected in 400 random draws");
            Assert.That(() => new RecallTask(3, 401), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new RecallTask(3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void EachPassShowsEveryTrainingFactInAnotherOrder()
    {
        var task = new RecallTask(5, 200);
        RecallFact[] shown = [.. task.Demonstrate((200 * 3) + 7)];
        Assert.Multiple(() =>
        {
            Assert.That(shown, Has.Length.EqualTo(607));
            foreach (var pass in shown[..600].Chunk(200)) Assert.That(pass, Is.EquivalentTo(task.TrainingFacts));
            Assert.That(shown[..200], Is.Not.EqualTo(shown[200..400]));
            Assert.That(shown[..200], Is.Not.EqualTo(task.TrainingFacts));
        });
    }

    [Test]
    public void ASeedDecidesEverythingAndAnotherGivesOthers()
    {
        RecallFact[] first = [.. new RecallTask(1, 50).Demonstrate(70)], again = [.. new RecallTask(1, 50).Demonstrate(70)];
        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(new RecallTask(1, 50).Demonstrate(20), Is.EqualTo(first[..20]));
            Assert.That(new RecallTask(2, 50).TrainingFacts.Intersect(new RecallTask(1, 50).TrainingFacts), Is.Empty);
        });
    }

    /// <summary>The demo's model has never seen the facts, learns them by heart under sft, and is told from one that has not.</summary>
    [Test]
    public void AModelThatMemorisesAnswers()
    {
        using var scratch = new ScratchDirectory();
        DemoAssets.Extract(scratch.PathOf("base"));
        using var backend = new CpuBackend(2);
        using var model = ModelDirectory.Open(scratch.PathOf("base"));
        using var transformer = new Transformer(backend, model.Configuration, new TransformerOptions(512) { Training = true });
        var options = new TrainingOptions { LossType = LossType.Sft, LearningRate = 1.5e-3, GlobalBatchSize = 16 };
        using var optimizer = new AdamWOptimizer(backend, transformer, options.AdamW, options.ExcludeNormAndBiasFromDecay, 1);
        model.Load(backend, transformer.Layout, optimizer.Weights);
        var rows = new DemoRows(Tokenizer.Load(scratch.PathOf("base")));
        var task = new RecallTask(1, 16);
        using var unseen = new DemoEvaluator(backend, transformer, rows, [.. task.TestFacts.Select(DemoProblem.Of)], rowLength: 16, seed: 1);
        using var evaluator = new DemoEvaluator(backend, transformer, rows, [.. task.TrainingFacts.Select(DemoProblem.Of)], rowLength: 16, seed: 1);
        var (before, nllBefore) = (CountCorrect(evaluator, 0), evaluator.Score(16).NegativeLogLikelihood);
        var runner = new StepRunner(backend, transformer, optimizer, options);
        var step = 0;
        foreach (var batch in task.Demonstrate(16 * 120).Chunk(16))
            runner.Run(runner.Prepare([.. batch.Select(fact => rows.CreateRow(fact.Prompt, fact.Answer))]), ++step, options.LearningRate);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Zero);
            Assert.That(nllBefore, Is.GreaterThan(2));
            Assert.That(CountCorrect(evaluator, 0), Is.GreaterThanOrEqualTo(15));
            Assert.That(CountCorrect(unseen, 0), Is.Zero);
            Assert.That(CountCorrect(evaluator, 1), Is.GreaterThanOrEqualTo(12));
            Assert.That(evaluator.Score(16).NegativeLogLikelihood, Is.LessThan(0.2));
            Assert.That(evaluator.Score(16).Tokens, Is.EqualTo(16 * 4));
        });
    }

    private static int CountCorrect(DemoEvaluator evaluator, double temperature) =>
        evaluator.CountCorrect(evaluator.Solve(evaluator.ProblemCount, temperature, CancellationToken.None));
}
