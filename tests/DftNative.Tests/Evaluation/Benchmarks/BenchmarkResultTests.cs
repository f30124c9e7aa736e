using DftNative.Evaluation.Benchmarks;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>average@n, pass@k, majority@n and their intervals.</summary>
internal sealed class BenchmarkResultTests
{
    /// <summary>Against every choice of k of n samples, counted.</summary>
    [Test]
    public void PassAtKIsTheShareOfChoicesWithARightSample([Values(1, 2, 5, 8)] int n, [Values(0, 1, 3, 8)] int right)
    {
        right = Math.Min(n, right);
        for (var k = 1; k <= n; k++)
        {
            var (choices, passing) = (0, 0);
            for (var mask = 0; mask < 1 << n; mask++)
            {
                if (int.PopCount(mask) != k) continue;
                choices++;
                // The right samples are the first.
                if ((mask & ((1 << right) - 1)) != 0) passing++;
            }

            Assert.That(PassAtK.Estimate(n, right, k), Is.EqualTo(passing / (double)choices).Within(1e-14));
        }
    }

    [TestCase(1, new[] { 1 })]
    [TestCase(3, new[] { 1, 2, 3 })]
    [TestCase(16, new[] { 1, 2, 4, 8, 16 })]
    public void PassIsReportedForPowersOfTwoAndAll(int n, int[] choices) => Assert.That(PassAtK.Choices(n), Is.EqualTo(choices));

    [Test]
    public void TheMajorityIsOfEquivalentAnswers()
    {
        var vote = MajorityVote.Of([Sample("3"), Sample("1/2", SampleVerdict.Right), Sample("3"), Sample("0.5", SampleVerdict.Right), Sample("\\frac{2}{4}", SampleVerdict.Right), Sample(null), Sample(null), Sample(null), Sample(null)]);
        Assert.That(vote, Is.EqualTo(new MajorityVote("1/2", 3, true)));
    }

    [Test]
    public void OfEqualMajoritiesTheFirstToAppearWins()
    {
        var vote = MajorityVote.Of([Sample("7"), Sample("5", SampleVerdict.Right), Sample("5.0", SampleVerdict.Right), Sample("7")]);
        Assert.That(vote, Is.EqualTo(new MajorityVote("7", 2, false)));
    }

    [Test]
    public void WithoutAnswersThereIsNoMajority() => Assert.That(MajorityVote.Of([Sample(null), Sample(null)]), Is.Null);

    [Test]
    public void TheMetricsAreMeansOverProblems()
    {
        // 4 samples: all right; one right, majority wrong; none, and one that could not be asked.
        var result = new BenchmarkResult("set", 4, [Score(0, 4, true), Score(1, 1, false), Score(2, 0, false), new ProblemScore(3, 0, false, [0, 0, 0, 0], 0, 0, [], null, "too long")], seed: 1);
        Assert.Multiple(() =>
        {
            Assert.That(result.MetricNames, Is.EqualTo(new[] { "average@4", "pass@1", "pass@2", "pass@4", "majority@4" }));
            Assert.That(result.Metrics.Select(metric => metric.Value), Is.EqualTo(new[] { 1.25 / 4, 1.25 / 4, 1.5 / 4, 2.0 / 4, 1.0 / 4 }).Within(1e-15));
            Assert.That(result.Average, Is.EqualTo(result.Metrics[0]));
        });
    }

    /// <summary>A mean of n coins has a standard deviation of √(p(1 − p)/n): 1.96 of them are 95 %. The percentiles of a binomial are a coin's weight, 1/n, coarse.</summary>
    [Test]
    public void TheIntervalIsTheBinomialsOfManyProblems()
    {
        const int Problems = 400, Right = 120;
        var result = new BenchmarkResult("set", 1, [.. Enumerable.Range(0, Problems).Select(i => Score(i, i < Right ? 1 : 0, i < Right, samples: 1))], seed: 3);
        var half = 1.96 * Math.Sqrt(0.3 * 0.7 / Problems);
        Assert.Multiple(() =>
        {
            Assert.That(result.Average.Value, Is.EqualTo(0.3).Within(1e-15));
            Assert.That(result.Average.Low, Is.EqualTo(0.3 - half).Within(2.0 / Problems));
            Assert.That(result.Average.High, Is.EqualTo(0.3 + half).Within(2.0 / Problems));
        });
    }

    [Test]
    public void WhatIsDrawnIsTheSeedsAlone()
    {
        double[][] values = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]];
        var means = Bootstrap.Resample(values, seed: 5);
        Assert.Multiple(() =>
        {
            Assert.That(Bootstrap.Resample(values, seed: 5), Is.EqualTo(means));
            Assert.That(Bootstrap.Resample(values, seed: 6)[0], Is.Not.EqualTo(means[0]));
            Assert.That(means[0].Zip(means[1], (one, other) => one + other), Has.All.EqualTo(4).Within(1e-12), "metrics are drawn together");
            Assert.That(means[0].Average(), Is.EqualTo(2).Within(0.03), "σ of a mean is 0.63, of ten thousand of them 0.0063");
        });
    }

    /// <summary>A mean of two independent means has half the sum of their variances: for two alike an interval narrower by √2.</summary>
    [Test]
    public void TheMeanOfBenchmarksWeighsThemEqually()
    {
        var small = new BenchmarkResult("small", 1, [.. Enumerable.Range(0, 400).Select(i => Score(i, i % 2, false, samples: 1))], seed: 1);
        var other = new BenchmarkResult("other", 1, [.. Enumerable.Range(0, 400).Select(i => Score(i, (i / 2) % 2, false, samples: 1))], seed: 2);
        var all = new BenchmarkResult("all", 1, [.. Enumerable.Range(0, 7).Select(i => Score(i, 1, true, samples: 1))], seed: 1);
        var mean = BenchmarkResult.Mean([small, other])[0];
        Assert.Multiple(() =>
        {
            Assert.That(BenchmarkResult.Mean([small, all])[0].Value, Is.EqualTo(0.75).Within(1e-15));
            Assert.That((mean.High - mean.Low) / (small.Average.High - small.Average.Low), Is.EqualTo(Math.Sqrt(0.5)).Within(0.05));
        });
    }

    /// <summary>
    /// Benchmarks are drawn from independently although one seed decides all draws: of two alike, whose draws would else be
    /// the same, the mean's interval is narrower by √2 too, and of a set and its mirror image it is not a point.
    /// </summary>
    [Test]
    public void BenchmarksOfOneSeedAreDrawnFromIndependently()
    {
        ProblemScore[] scores = [.. Enumerable.Range(0, 400).Select(i => Score(i, i % 2, false, samples: 1))], mirrored = [.. scores.Select(score => Score(score.Number, 1 - score.RightCount, false, samples: 1))];
        BenchmarkResult one = new("one", 1, scores, seed: 1), two = new("two", 1, scores, seed: 1), mirror = new("mirror", 1, mirrored, seed: 1);
        var width = one.Average.High - one.Average.Low;
        Assert.Multiple(() =>
        {
            Assert.That(Width(one, two) / width, Is.EqualTo(Math.Sqrt(0.5)).Within(0.05));
            Assert.That(Width(one, mirror) / width, Is.EqualTo(Math.Sqrt(0.5)).Within(0.05));
            Assert.That(new BenchmarkResult("one", 1, scores, seed: 1).Average, Is.EqualTo(one.Average), "by its name and seed alone");
        });

        static double Width(params BenchmarkResult[] results)
        {
            var mean = BenchmarkResult.Mean(results)[0];
            return mean.High - mean.Low;
        }
    }

    private static ProblemScore Score(int number, int right, bool majority, int samples = 4) => new(number, right, majority, [right, samples - right, 0, 0], 0, 10 * samples, [], null, null);

    private static GradedSample Sample(string? answer, SampleVerdict verdict = SampleVerdict.Wrong) =>
        new(answer ?? "", answer, answer is null ? SampleVerdict.NoAnswer : verdict, Stopped: true, TokenCount: 1);
}
