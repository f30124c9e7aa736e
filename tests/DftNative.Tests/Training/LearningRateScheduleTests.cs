using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Learning rates against transformers' formulas, worked out by hand.</summary>
public sealed class LearningRateScheduleTests
{
    // transformers: λ(k) = k/w for k < w, then (n − k)/(n − w), with n = 10 steps, w = 2.
    private static readonly double[] Linear = [0, 0.5, 1, 7 / 8.0, 6 / 8.0, 5 / 8.0, 4 / 8.0, 3 / 8.0, 2 / 8.0, 1 / 8.0];

    // Then (1 + cos(π(k − w)/(n − w)))/2: cosines of multiples of 22.5°.
    private static readonly double[] Cosine =
        [0, 0.5, 1, 0.961939766255643, 0.853553390593274, 0.691341716182545, 0.5, 0.308658283817455, 0.146446609406726, 0.0380602337443566];

    [TestCaseSource(nameof(Cases))]
    public void FollowsTransformers(LearningRateScheduleType type, double[] factors)
    {
        var schedule = LearningRateSchedule.Create(new TrainingOptions { LearningRate = 2e-4, LearningRateScheduleType = type, WarmupRatio = 0.2 }, totalSteps: 10);
        for (var step = 0; step < factors.Length; step++)
            Assert.That(schedule.At(step), Is.EqualTo(2e-4 * factors[step]).Within(1e-15), $"step {step}");
    }

    [TestCase(0.1, 0, 390, 39)]
    [TestCase(0.1, 0, 391, 40)]
    [TestCase(0.1, 0, 1, 1)]
    [TestCase(0, 0, 100, 0)]
    [TestCase(0.1, 7, 100, 7)]
    public void WarmupIsRoundedUpAndStepsGoBeforeTheRatio(double ratio, int steps, int totalSteps, int expected) =>
        Assert.That(LearningRateSchedule.Create(new TrainingOptions { WarmupRatio = ratio, WarmupSteps = steps }, totalSteps).WarmupSteps, Is.EqualTo(expected));

    [Test]
    public void ConstantWarmsUpOnlyWhenToldTo()
    {
        var options = new TrainingOptions { LearningRate = 1, LearningRateScheduleType = LearningRateScheduleType.Constant };
        Assert.Multiple(() =>
        {
            Assert.That(LearningRateSchedule.Create(options, 10).At(0), Is.EqualTo(1));
            Assert.That(LearningRateSchedule.Create(options with { WarmupRatio = 0.5 }, 10).At(0), Is.Zero);
            Assert.That(LearningRateSchedule.Create(options with { LearningRateScheduleType = LearningRateScheduleType.ConstantWithWarmup }, 10).At(0), Is.Zero);
        });
    }

    [Test]
    public void TheStepAfterTheLastWouldBeZero()
    {
        Assert.That(new LearningRateSchedule(LearningRateScheduleType.Cosine, 1, 0, 10).At(10), Is.EqualTo(0).Within(1e-15));
        Assert.That(new LearningRateSchedule(LearningRateScheduleType.Linear, 1, 0, 10).At(10), Is.Zero);
    }

    private static IEnumerable<TestCaseData> Cases() =>
    [
        new(LearningRateScheduleType.Linear, Linear),
        new(LearningRateScheduleType.Cosine, Cosine),
        new(LearningRateScheduleType.Constant, new[] { 0, 0.5, 1.0, 1, 1, 1, 1, 1, 1, 1 }),
    ];
}
