using System.Numerics;
using DftNative.Demo;
using DftNative.Evaluation.Benchmarks;
using DftNative.Experiments.Statistics;

namespace DftNative.Tests.Experiments;

/// <summary>Intervals and tests against tables, exact arithmetic and simulation.</summary>
public sealed class StatisticsTests
{
    /// <summary>Two-sided 5 % points from tables of Student's t.</summary>
    [TestCase(1, 12.7062047364)]
    [TestCase(2, 4.3026527297)]
    [TestCase(3, 3.1824463053)]
    [TestCase(10, 2.2281388520)]
    [TestCase(100, 1.9839715185)]
    public void StudentsQuantilesAreTheTables(int degrees, double expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(StudentT.TwoSidedQuantile(0.05, degrees), Is.EqualTo(expected).Within(1e-9 * expected));
            Assert.That(StudentT.TwoSidedTail(expected, degrees), Is.EqualTo(0.05).Within(1e-10));
        });
    }

    /// <summary>Two distributions of t have closed forms: Cauchy's, and ½ + t/(2√(2 + t²)).</summary>
    [Test]
    public void StudentsDistributionIsTheClosedForm([Values(-30, -2, -0.3, 0, 0.01, 1, 4, 1000)] double t)
    {
        Assert.Multiple(() =>
        {
            Assert.That(StudentT.TwoSidedTail(t, 1), Is.EqualTo(1 - (2 * Math.Atan(Math.Abs(t)) / Math.PI)).Within(1e-12));
            Assert.That(StudentT.TwoSidedTail(t, 2), Is.EqualTo(1 - (Math.Abs(t) / Math.Sqrt(2 + (t * t)))).Within(1e-12));
        });
    }

    [Test]
    public void TheMeanOfAFewValuesHasStudentsInterval()
    {
        // Standard deviation 1, so 2 ± 4.30265/√3.
        var interval = StudentT.MeanInterval([1, 2, 3])!.Value;
        Assert.Multiple(() =>
        {
            Assert.That(interval.Low, Is.EqualTo(2 - (4.3026527297 / Math.Sqrt(3))).Within(1e-9));
            Assert.That(interval.High, Is.EqualTo(2 + (4.3026527297 / Math.Sqrt(3))).Within(1e-9));
            // t = 2√3 with two degrees: p = 1 − t/√(2 + t²).
            Assert.That(StudentT.PairedTest([1, 2, 3]), Is.EqualTo(1 - (Math.Sqrt(12) / Math.Sqrt(14))).Within(1e-12));
            Assert.That(StudentT.MeanInterval([1]), Is.Null);
            Assert.That(StudentT.PairedTest([1]), Is.Null);
            Assert.That(StudentT.PairedTest([0, 0, 0]), Is.Null);
            Assert.That(StudentT.PairedTest([0.5, 0.5]), Is.Null, "two alike are no certainty");
            Assert.That(StudentT.PairedTest([0.35 - 0.25, 0.4 - 0.3, 0.1]), Is.Null, "they differ by rounding");
            Assert.That(StudentT.MeanInterval([0.5, 0.5]), Is.Null);
            Assert.That(StudentT.PairedTest([1e-9, 3e-9]), Is.EqualTo(2 * Math.Atan(1 / 2.0) / Math.PI).Within(1e-9), "t = 2 with one degree: Cauchy's");
        });
    }

    [TestCase(0.5, 100, 0.40383153, 0.59616847)]
    [TestCase(1, 100, 0.96300650, 1)]
    [TestCase(0, 10, 0, 0.27753279)]
    public void WilsonsIntervalIsTheTables(double share, int count, double low, double high)
    {
        var interval = WilsonInterval.Of(share, count)!.Value;
        Assert.Multiple(() =>
        {
            Assert.That(interval.Low, Is.EqualTo(low).Within(1e-7));
            Assert.That(interval.High, Is.EqualTo(high).Within(1e-7));
            Assert.That(WilsonInterval.Of(0.5, 0), Is.Null);
        });
    }

    [TestCase(0, 0)]
    [TestCase(5, 0)]
    [TestCase(2, 8)]
    [TestCase(7, 7)]
    [TestCase(560, 640)]
    public void TheSignTestIsExact(int positive, int negative)
    {
        var (count, smaller) = (positive + negative, Math.Min(positive, negative));
        BigInteger choose = 1, tail = 0;
        for (var k = 0; k <= smaller; k++)
        {
            tail += choose;
            choose = choose * (count - k) / (k + 1);
        }

        var expected = Math.Min(1, (double)(tail * 2 * BigInteger.Pow(10, 15) / BigInteger.Pow(2, count)) / 1e15);
        Assert.That(PairedTest.SignTest(positive, negative), Is.EqualTo(expected).Within(1e-12).Or.EqualTo(expected).Within(1e-9 * expected));
    }

    [Test]
    public void VerdictsAreComparedByTheirDisagreements()
    {
        double[] differences = [1, 1, 1, 1, 1, 0, 0, 0, 0, -1];
        Assert.Multiple(() =>
        {
            Assert.That(PairedTest.Permutation(differences, seed: 1), Is.EqualTo(2 * (1 + 6) / 64.0).Within(1e-12));
            Assert.That(PairedTest.Permutation([0, 0], seed: 1), Is.EqualTo(1));
            Assert.That(PairedTest.Permutation([2 / 3.0 - 1 / 3.0 - (1 - 2 / 3.0), 1e-17, -1e-17, 1e-17, 1e-17, 1e-17, 1e-17], seed: 1), Is.EqualTo(1), "rounding is no difference");
            Assert.That(PairedTest.Permutation([2 / 3.0 - 1 / 3.0, 1 - 2 / 3.0, 1 / 3.0], seed: 1), Is.EqualTo(0.25).Within(1e-12), "alike but for rounding: the exact test");
            Assert.That(PairedTest.SignTest(2000, 0), Is.GreaterThan(0), "2^-1999 is no double, and no p-value is 0");
            Assert.That(PairedTest.Permutation([], seed: 1), Is.EqualTo(1));
        });
    }

    /// <summary>Of twelve differences the 4096 permutations can be counted; the estimate's standard error is at most 0.005.</summary>
    [Test]
    public void SharesAreComparedByRandomPermutations()
    {
        double[] differences = [0.5, 0.25, -0.25, 0.75, 0.5, 0.25, -0.5, 0.25, 1, 0.25, -0.25, 0.5];
        var observed = differences.Sum();
        var extreme = Enumerable.Range(0, 1 << 12).Count(signs => Math.Abs(differences.Select((d, i) => (signs >> i & 1) == 0 ? d : -d).Sum()) >= observed - 1e-9);
        Assert.Multiple(() =>
        {
            Assert.That(PairedTest.Permutation(differences, seed: 3), Is.EqualTo(extreme / 4096.0).Within(0.02));
            Assert.That(PairedTest.Permutation([.. differences], seed: 3), Is.EqualTo(PairedTest.Permutation(differences, seed: 3)));
            Assert.That(PairedTest.Permutation([.. differences.Select(d => -d)], seed: 3), Is.EqualTo(extreme / 4096.0).Within(0.02));
        });
    }

    /// <summary>Two models that are equally good must not be told apart more often than promised: 5 %, and three standard errors of 1000 trials.</summary>
    [Test]
    public void EqualModelsAreSeldomToldApart()
    {
        const int trials = 1000;
        var random = new RandomStream(11, 0);
        int verdicts = 0, seeds = 0;
        for (var trial = 0; trial < trials; trial++)
        {
            var differences = new double[300];
            for (var i = 0; i < differences.Length; i++) differences[i] = Verdict(ref random, 0.6) - Verdict(ref random, 0.6);
            if (PairedTest.Permutation(differences, (ulong)trial) <= 0.05) verdicts++;
            if (StudentT.PairedTest([.. differences.Chunk(100).Select(seed => seed.Average())]) <= 0.05) seeds++;
        }

        Assert.Multiple(() =>
        {
            Assert.That(verdicts, Is.InRange(15, 71), "permutation");
            Assert.That(seeds, Is.InRange(25, 75), "t");
        });
    }

    /// <summary>The percentile bootstrap of many problems is the normal approximation, to the noise of its draws.</summary>
    [Test]
    public void TheBootstrapIsTheNormalIntervalOfManyProblems()
    {
        var random = new RandomStream(5, 0);
        var seeds = new double[3][];
        for (var seed = 0; seed < seeds.Length; seed++)
        {
            seeds[seed] = new double[400];
            for (var i = 0; i < 400; i++) seeds[seed][i] = Verdict(ref random, 0.9) - Verdict(ref random, 0.5 + (0.1 * seed));
        }

        var mean = seeds.Average(problems => problems.Average());
        var error = Math.Sqrt(seeds.Sum(problems => problems.Sum(d => Math.Pow(d - problems.Average(), 2)) / 400) / 400) / 3;
        var interval = Bootstrap.Mean(seeds, seed: 1)!.Value;
        Assert.Multiple(() =>
        {
            Assert.That(interval.Low, Is.EqualTo(mean - (1.96 * error)).Within(0.15 * error));
            Assert.That(interval.High, Is.EqualTo(mean + (1.96 * error)).Within(0.15 * error));
            Assert.That(Bootstrap.Mean(seeds, seed: 1), Is.EqualTo(interval));
            Assert.That(Bootstrap.Mean([[], []], seed: 1), Is.Null);
        });
    }

    /// <summary>Groups are drawn from independently, and each weighs as its problems do.</summary>
    [Test]
    public void TheBootstrapOfSeveralGroupsIsOfIndependentOnes()
    {
        double[] group = [.. Enumerable.Range(0, 300).Select(i => (double)(i % 2))];
        Estimate one = Bootstrap.Mean([group], seed: 1)!.Value, three = Bootstrap.Mean([group, group, group], seed: 1)!.Value;
        Assert.Multiple(() =>
        {
            Assert.That((one.High - one.Low) / (three.High - three.Low), Is.EqualTo(Math.Sqrt(3)).Within(0.1));
            Assert.That(Bootstrap.Mean([[1, 1, 1], [], [9]], seed: 1), Is.EqualTo(new Estimate(3, 3, 3)));
        });
    }

    /// <summary>Of a mean over benchmarks, to the noise of its draws: the small one's error is half of it, and benchmarks alike in their numbers are drawn from independently.</summary>
    [Test]
    public void TheBootstrapOverBenchmarksIsTheNormalIntervalOfTheirMean()
    {
        double[] large = [.. Enumerable.Range(0, 500).Select(i => (double)(i % 2))], small = [.. Enumerable.Range(0, 200).Select(i => i % 5 == 0 ? 1.0 : 0)];
        var (uneven, alike) = (Bootstrap.MeanOverBenchmarks([[large], [small]], seed: 1)!.Value, Bootstrap.MeanOverBenchmarks([[large], [large]], seed: 1)!.Value);
        var error = Math.Sqrt((0.25 / 500) + (0.16 / 200)) / 2;
        Assert.Multiple(() =>
        {
            Assert.That(uneven.Value, Is.EqualTo(0.35).Within(1e-12));
            Assert.That((uneven.Low, uneven.High).ToTuple(), Is.EqualTo((0.35 - (1.96 * error), 0.35 + (1.96 * error)).ToTuple()).Within(0.15 * error));
            Assert.That(alike.High - alike.Low, Is.EqualTo(2 * 1.96 * Math.Sqrt(0.25 / 500 / 2)).Within(0.1 * (alike.High - alike.Low)));
            Assert.That(Bootstrap.MeanOverBenchmarks([[large], [[]]], seed: 1), Is.Null);
            Assert.That(Bootstrap.MeanOverBenchmarks([], seed: 1), Is.Null);
        });
    }

    /// <summary>
    /// Two losses that are equally good, with problems that suit one or the other whatever the seed: of a hundred intervals
    /// 95 must hold the difference of 0. Taking the seeds' answers for independent problems, far fewer do.
    /// </summary>
    [Test]
    public void IntervalsOverSharedProblemsHoldWhatTheyPromise()
    {
        const int Trials = 80, Problems = 25;
        var random = new RandomStream(17, 0);
        int shared = 0, pooled = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var seeds = new[] { new double[Problems], new double[Problems], new double[Problems] };
            for (var problem = 0; problem < Problems; problem++)
            {
                var suits = random.NextDouble() - 0.5;
                foreach (var seed in seeds) seed[problem] = suits + (0.2 * (random.NextDouble() - 0.5));
            }

            if (HoldsZero(ProblemGroups.Of(seeds, areShared: true))) shared++;
            if (HoldsZero(ProblemGroups.Of(seeds, areShared: false))) pooled++;

            bool HoldsZero(IReadOnlyList<double[]> groups) => Bootstrap.Mean(groups, (ulong)trial) is { Low: <= 0, High: >= 0 };
        }

        Assert.Multiple(() =>
        {
            // 76 ± 3·2, and the bootstrap of so few is itself somewhat narrow.
            Assert.That(shared, Is.InRange(67, 80));
            Assert.That(pooled, Is.LessThan(66), "or this test would tell nothing");
        });
    }

    private static double Verdict(ref RandomStream random, double share) => random.NextDouble() < share ? 1 : 0;
}
