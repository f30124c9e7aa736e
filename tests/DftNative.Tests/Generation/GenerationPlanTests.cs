using DftNative.Backends;
using DftNative.Bench.Kernels;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Generation;

public sealed class GenerationPlanTests
{
    /// <summary>Numbers whose products have more than 32 bits are errors that name the option, not overflows.</summary>
    [Test]
    public void SoManySequencesThatTheyCannotBeCountedAreUsageErrors()
    {
        var model = BenchModels.All[0].Configuration;
        var inAll = Assert.Throws<DftNativeException>(() => GenerationPlan.Choose(model, DataType.Float32, 5, 5, 500L * int.MaxValue, null))!;
        var atOnce = Assert.Throws<DftNativeException>(() => GenerationPlan.Choose(model, DataType.Float32, 100, 131_000, 60_000_000, 60_000))!;
        Assert.Multiple(() =>
        {
            Assert.That((inAll.ExitCode, atOnce.ExitCode), Is.EqualTo((ExitCode.Usage, ExitCode.Usage)));
            Assert.That(inAll.Message, Does.StartWith("n: 1073741823500 answers"));
            Assert.That(atOnce.Message, Does.StartWith("batch_size: 60000 sequences").And.EndsWith("lower it to 8192"));
            Assert.That(() => GenerationPlan.Choose(model, DataType.Float32, 100, 131_000, 60_000_000, 8192), Throws.Nothing);
        });
    }

    /// <summary>By the name that the number has where it was given.</summary>
    [Test]
    public void SamplesOfAnEvaluationAreNamedAsTheTrainingsOption()
    {
        var model = BenchModels.All[0].Configuration;
        BenchmarkRequest[] problems = [.. Enumerable.Range(0, 2).Select(number => new BenchmarkRequest("sums", number, new BenchmarkProblem("1+1", "2"), [1]))];
        var demand = new AnswerProblems(Fixtures.Tokenizer, problems, [], []).Demand(new TrainingOptions { EvalGenerateSamples = 2_000_000_000 });
        var exception = Assert.Throws<DftNativeException>(() => demand.Plan(model, DataType.Float32, 512))!;
        Assert.Multiple(() =>
        {
            Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.StartWith("eval_generate_samples: 4000000000 answers"));
        });
    }

    /// <summary>Said where a session is made, before the model is loaded and a first token drawn.</summary>
    [Test]
    public void AVocabularyThatCannotBeDrawnFromIsABadModel()
    {
        var model = BenchModels.All[0].Configuration;
        Assert.Multiple(() =>
        {
            Assert.That(() => Choose((1 << 20) - 1), Throws.Nothing);
            Assert.That(() => Choose(1 << 20), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.InvalidInput).And.Message.Contains("vocab_size 1048576 is more than sampling can draw from, 1048575 tokens"));
        });

        GenerationPlan Choose(int vocabulary) => GenerationPlan.Choose(model with { VocabularySize = vocabulary }, DataType.Float32, 5, 5, 1, null);
    }

    [Test]
    public void APlanIsNoLargerThanWhatIsAskedFor()
    {
        var plan = GenerationPlan.Choose(BenchModels.All[0].Configuration, DataType.BFloat16, longestPrompt: 70, maxNewTokens: 30, requestCount: 3, slots: 64);
        Assert.That(plan, Is.EqualTo(new GenerationPlan(Slots: 3, Capacity: 100, MaxTokens: 128 + 2)));
    }
}
