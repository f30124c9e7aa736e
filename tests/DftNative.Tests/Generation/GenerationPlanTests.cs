using DftNative.Backends;
using DftNative.Bench.Kernels;
using DftNative.Generation;

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

    [Test]
    public void APlanIsNoLargerThanWhatIsAskedFor()
    {
        var plan = GenerationPlan.Choose(BenchModels.All[0].Configuration, DataType.BFloat16, longestPrompt: 70, maxNewTokens: 30, requestCount: 3, slots: 64);
        Assert.That(plan, Is.EqualTo(new GenerationPlan(Slots: 3, Capacity: 100, MaxTokens: 128 + 2)));
    }
}
