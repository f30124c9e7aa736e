using System.Text.Json;
using System.Text.RegularExpressions;
using DftNative.Evaluation.Benchmarks;
using DftNative.Experiments;
using DftNative.Experiments.Statistics;
using DftNative.Training;

namespace DftNative.Tests.Experiments;

/// <summary>What is made of results, on results that are made up.</summary>
public sealed class ComparisonTests
{
    private static readonly LossVariant Sft = Loss("sft"), Dft = Loss("dft");

    private static readonly ScoredBenchmark[] Benchmarks = [new("large", 8), new("small", 2)];

    [Test]
    public void ASettingIsTheMeanOfItsSeeds()
    {
        var setting = Summarize(Sft, Result([1, 0, 0, 0], (0, 0.9), (5, 0.2)), Result([1, 1, 0, 0], (0, 0.7), (5, 0.6)));
        Assert.Multiple(() =>
        {
            Assert.That(setting.Mean, Is.EqualTo(0.375));
            Assert.That(setting.OverSeeds, Is.EqualTo(new Estimate(0.375, 0, 1)), "0.375 ± 12.7·0.125, cut off where shares end");
            Assert.That(setting.OverProblems, Is.EqualTo(WilsonInterval.Of(3 / 8.0, 8)));
            Assert.That(setting.Curve, Is.EqualTo(new[] { new CurveSummaryPoint(0, 0.8, 0.7, 0.9, 1, null), new CurveSummaryPoint(5, 0.4, 0.2, 0.6, 1, 2) }));
            Assert.That(setting.BestPoint!.Step, Is.EqualTo(5), "step 0 is no merit of training");
        });
    }

    [Test]
    public void AStepReachesTheOtherWhereItIsAsGood()
    {
        var slow = Summarize(Sft, Result([1], (0, 0.9), (5, 0.2), (10, 0.5), (15, 0.4)));
        var fast = Summarize(Dft, Result([1], (0, 0.9), (5, 0.5), (10, 0.8), (15, 0.7)));
        var pair = new PairSummary(fast, slow);
        Assert.Multiple(() =>
        {
            Assert.That(pair.FirstReachesSecond, Is.EqualTo(5));
            Assert.That(pair.SecondReachesFirst, Is.Null);
            Assert.That(fast.StepsToReach(0.8), Is.EqualTo(10));
            Assert.That(fast.StepsToReach(null), Is.Null);
        });
    }

    [Test]
    public void LowerNllIsBetter()
    {
        SettingSummary worse = Nll(Sft, 2, (5, 3), (10, 2)), better = Nll(Dft, 1, (5, 1.5), (10, 1));
        Assert.Multiple(() =>
        {
            Assert.That(SettingSummary.Best([worse, better]), Is.SameAs(better));
            Assert.That(better.StepsToReach(worse.BestPoint!.Value), Is.EqualTo(5));
            Assert.That(worse.StepsToReach(better.BestPoint!.Value), Is.Null);
            Assert.That(new PairSummary(better, worse).Difference, Is.EqualTo(-1));
            Assert.That(worse.OverProblems, Is.Null);
        });
    }

    [Test]
    public void OfEqualsTheOneThatLearnsFasterIsBestThenTheFirst()
    {
        SettingSummary slow = Summarize(Sft, Result([1], (5, 0.1), (10, 1))), fast = Summarize(Sft, Result([1], (5, 0.9), (10, 1))), same = Summarize(Sft, Result([1], (5, 0.9), (10, 1)));
        Assert.Multiple(() =>
        {
            Assert.That(SettingSummary.Best([slow, fast, same]), Is.SameAs(fast));
            Assert.That(SettingSummary.Best([Summarize(Sft)]), Is.Null, "no run");
        });
    }

    [Test]
    public void APairIsComparedOnTheSeedsThatBothHave()
    {
        var first = new SettingSummary(Setting(Dft), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, false, 3, [new(1, Result([1, 1, 1])), new(3, Result([1, 1, 0]))]);
        var second = new SettingSummary(Setting(Sft), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, false, 3, [new(2, Result([1, 1, 1])), new(3, Result([0, 0, 1])), new(1, Result([0, 1, 0]))]);
        var pair = new PairSummary(first, second);
        Assert.Multiple(() =>
        {
            Assert.That(pair.SeedDifferences, Is.EqualTo(new[] { 2 / 3.0, 1 / 3.0 }).Within(1e-12));
            Assert.That((pair.OverSeeds!.Value.Value, pair.OverSeeds.Value.Low, pair.OverSeeds.Value.High), Is.EqualTo((pair.Difference!.Value, -1.0, 1.0)), "0.5 ± 12.7/6, cut off where differences of shares end");
            Assert.That(pair.ProblemsPValue, Is.EqualTo(PairedTest.SignTest(4, 1)));
            Assert.That(pair.OverProblems!.Value.Low, Is.LessThan(pair.Difference!.Value));
            Assert.That(pair.OverProblems!.Value.High, Is.GreaterThan(pair.Difference!.Value));
        });
    }

    /// <summary>
    /// Nine problems are easier for one loss and three for the other, whatever the seed: p = 0.15 of twelve problems. Three
    /// seeds that answer the same problems are no 36 problems, of which it would be 0.004; three that answer their own are.
    /// </summary>
    [Test]
    public void ProblemsThatSeedsShareCountOnce([Values] bool areShared)
    {
        double[] first = [.. Enumerable.Repeat(1.0, 9), .. Enumerable.Repeat(0.0, 3), .. Enumerable.Repeat(1.0, 28)];
        double[] second = [.. Enumerable.Repeat(0.0, 9), .. Enumerable.Repeat(1.0, 3), .. Enumerable.Repeat(1.0, 28)];
        var comparison = Compare(areShared, [1, 2, 3], _ => second, _ => first);
        var pair = comparison.SameSettingPairs.Single();
        var single = Compare(areShared, [1], _ => second, _ => first);
        Assert.Multiple(() =>
        {
            Assert.That(pair.Difference, Is.EqualTo(6 / 40.0).Within(1e-12));
            Assert.That(pair.OverProblems!.Value.Value, Is.EqualTo(6 / 40.0).Within(1e-12));
            Assert.That(pair.ProblemsPValue, Is.EqualTo(areShared ? PairedTest.SignTest(9, 3) : PairedTest.SignTest(27, 9)).Within(1e-12));
            Assert.That(pair.OverProblems!.Value.Low, areShared ? Is.LessThan(0) : Is.GreaterThan(0.04));
            Assert.That(comparison.Settings[0].OverProblems == single.Settings[0].OverProblems, Is.EqualTo(areShared), "more of the same problems say no more");
            Assert.That(single.Settings[0].OverProblems, Is.Not.Null);
        });
    }

    /// <summary>A problem's score is its mean over seeds: what is noise of a seed alone is averaged out of the interval.</summary>
    [Test]
    public void SharedProblemsAreAveragedOverSeeds()
    {
        var noisy = Compare(areShared: true, [1, 2], seed => [.. Enumerable.Range(0, 50).Select(problem => (problem + seed) % 2 == 0 ? 1.0 : 0.0)], _ => [.. Enumerable.Repeat(0.25, 50)]);
        Assert.Multiple(() =>
        {
            Assert.That(noisy.Settings[0].OverProblems, Is.EqualTo(new Estimate(0.5, 0.5, 0.5)));
            Assert.That(noisy.SameSettingPairs[0].OverProblems, Is.EqualTo(new Estimate(-0.25, -0.25, -0.25)));
        });
    }

    /// <summary>Drawn anew, problems of which none or all were answered are all alike: that is no certainty.</summary>
    [Test]
    public void NoRightAnswersAndNoWrongOnesHaveAnInterval()
    {
        var comparison = Compare(areShared: true, [1, 2], _ => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], _ => [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        var parts = Compare(areShared: true, [1], _ => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], _ => [1, 1, 1, 1, 1, 1, 1, 1, 0, 1], Benchmarks).Settings;
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Settings.Select(setting => setting.OverProblems), Is.EqualTo(new[] { WilsonInterval.Of(0, 10), WilsonInterval.Of(1, 10) }));
            Assert.That(parts.Select(setting => setting.OverProblems is null), Is.EqualTo(new[] { true, false }));
            Assert.That(parts[1].Benchmarks.Select(benchmark => benchmark.OverProblems.Low), Is.EqualTo(new[] { WilsonInterval.Of(1, 8)!.Value.Low, 0 }));
        });
    }

    /// <summary>Of all ten problems SFT answers seven and DFT six; of the mean of the two benchmarks it is the other way round.</summary>
    [Test]
    public void BenchmarksWeighTheSameWhateverTheirSizes()
    {
        var comparison = CompareOnBenchmarks();
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Settings.Select(setting => setting.Mean), Is.EqualTo(new[] { 7 / 16.0, 3 / 4.0 }));
            Assert.That(comparison.SameSettingPairs.Single().Difference, Is.EqualTo(5 / 16.0));
            Assert.That(comparison.SameSettingPairs.Single().OverProblems!.Value.Value, Is.EqualTo(5 / 16.0).Within(1e-12));
            Assert.That(comparison.Settings[1].OverProblems!.Value.Value, Is.EqualTo(3 / 4.0).Within(1e-12));
            Assert.That(SettingSummary.Best(comparison.Settings), Is.SameAs(comparison.Settings[1]));
            Assert.That(comparison.Settings[0].Benchmarks.Select(benchmark => (benchmark.Name, benchmark.Mean)), Is.EqualTo(new[] { ("large", 7 / 8.0), ("small", 0.0) }));
        });
    }

    /// <summary>The exact p-values are known: of the weighed sum 54/64, of one set of problems the sign test's 0.29.</summary>
    [Test]
    public void SwapsOfAProblemWeighAsItsBenchmarkDoes()
    {
        var comparison = Compare(areShared: true, [1], _ => [0, 0, 0, 0, 0, 0, 1, 1, 1, 1], _ => [1, 1, 1, 1, 1, 1, 1, 1, 0, 0], Benchmarks);
        var pair = comparison.SameSettingPairs.Single();
        Assert.Multiple(() =>
        {
            Assert.That(pair.Difference, Is.EqualTo(-1 / 8.0));
            Assert.That(pair.ProblemsPValue, Is.EqualTo(54 / 64.0).Within(0.02));
        });
    }

    /// <summary>Models that differ between benchmarks and not within them are known exactly.</summary>
    [Test]
    public void ProblemsAreDrawnWithinTheirBenchmark([Values] bool areShared)
    {
        var comparison = Compare(areShared, [1, 2], _ => [1, 1, 1, 1, 1, 1, 1, 1, 0, 0], _ => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Benchmarks);
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Settings[0].OverProblems, Is.EqualTo(new Estimate(0.5, 0.5, 0.5)));
            Assert.That(comparison.SameSettingPairs.Single().OverProblems, Is.EqualTo(new Estimate(-0.5, -0.5, -0.5)));
        });
    }

    [Test]
    public void SeveralBenchmarksHaveTheirColumns()
    {
        var comparison = CompareOnBenchmarks();
        using var document = JsonDocument.Parse(ComparisonJson.Write(comparison));
        var (root, html) = (document.RootElement, ComparisonReport.ToHtml(comparison));
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("benchmark_problems").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("{\"large\":8,\"small\":2}"));
            var large = root.GetProperty("settings")[1].GetProperty("benchmarks").GetProperty("large");
            Assert.That(large.GetProperty("mean").GetDouble(), Is.EqualTo(0.5));
            Assert.That(large.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()), Is.EqualTo(new[] { 0.5, 0.5 }));
            Assert.That(large.GetProperty("interval_over_problems")[0].GetDouble(), Is.InRange(0.1, 0.3));
            Assert.That(root.GetProperty("settings")[1].GetProperty("benchmarks").GetProperty("small").GetRawText(), Does.Contain("\"values\": [1,1]").And.Contain("\"mean\": 1,"));
            Assert.That(Cells(html, "loss"), Has.Exactly(2).EqualTo(new[] { "loss", "learning rate", "batch", "large", "small", "mean" }), "best settings, and all");
            Assert.That(Cells(html, "sft"), Has.Exactly(2).EqualTo(new[] { "sft", "1", "1", "87.5\u00A0%", "0.0\u00A0%", "43.8\u00A0%" }));
            Assert.That(Cells(html, "dft"), Has.Exactly(2).EqualTo(new[] { "dft", "1", "1", "50.0\u00A0%", "100.0\u00A0%", "75.0\u00A0%" }));
            Assert.That(html, Does.Contain("large 8, small 2").And.Contain("the bootstrap over problems within each benchmark").And.Contain("paired bootstrap within each benchmark"));
        });
    }

    /// <summary>DFT loses on the large benchmark and wins on the small one; the mean's difference tells neither.</summary>
    [Test]
    public void APairIsComparedOnEachBenchmark()
    {
        var comparison = CompareOnBenchmarks();
        var pair = comparison.BestSettingPairs.Single();
        using var document = JsonDocument.Parse(ComparisonJson.Write(comparison));
        var large = document.RootElement.GetProperty("pairs_at_best_settings")[0].GetProperty("benchmarks").GetProperty("large");
        Assert.Multiple(() =>
        {
            Assert.That(pair.Benchmarks.Select(benchmark => (benchmark.Name, benchmark.OverProblems.Value)), Is.EqualTo(new[] { ("large", -3 / 8.0), ("small", 1.0) }));
            Assert.That(pair.Benchmarks.Select(benchmark => benchmark.PValue), Is.EqualTo(new[] { PairedTest.SignTest(0, 3), PairedTest.SignTest(2, 0) }).Within(1e-12));
            Assert.That(pair.Benchmarks[0].OverProblems.Low, Is.InRange(-0.8, -0.5));
            Assert.That(large.GetProperty("difference").GetDouble(), Is.EqualTo(-0.375));
            Assert.That(large.GetProperty("interval_over_problems").GetArrayLength(), Is.EqualTo(2));
            Assert.That(
                Cells(ComparisonReport.ToHtml(comparison), "dft").Where(cells => cells.Length > 2 && cells[2] is "large" or "small").Select(cells => string.Join('|', cells[1..4]).Replace('\u00A0', ' ')),
                Is.EqualTo(new[] { "sft|large|-37.5 %", "sft|small|+100.0 %" }));
        });
    }

    /// <summary>The numbers of one benchmark are those of a set of problems that has no name.</summary>
    [Test]
    public void OneBenchmarkHasNoColumns()
    {
        var scores = new[] { 0.3, 1, 0.1, 0.7, 0.9, 0, 0.2 };
        var named = Compare(areShared: true, [1, 2, 3], seed => [.. scores.Select(score => score / seed)], _ => scores, [new ScoredBenchmark("only", 7)]);
        var nameless = Compare(areShared: true, [1, 2, 3], seed => [.. scores.Select(score => score / seed)], _ => scores);
        Assert.Multiple(() =>
        {
            Assert.That(named.Benchmarks, Is.Empty);
            Assert.That(ComparisonJson.Write(named), Is.EqualTo(ComparisonJson.Write(nameless)));
            Assert.That(ComparisonReport.ToHtml(named), Is.EqualTo(ComparisonReport.ToHtml(nameless)).And.Not.Contain("benchmark"));
            Assert.That(named.Settings[0].OverProblems, Is.EqualTo(nameless.Settings[0].OverProblems));
        });
    }

    /// <summary>A setting whose runs are missing has dashes, so that rows are as long as their heading.</summary>
    [Test]
    public void BenchmarksOfASettingWithoutRunsAreDashes()
    {
        var comparison = CompareOnBenchmarks(failing: Dft);
        Assert.That(Cells(ComparisonReport.ToHtml(comparison), "dft"), Has.Exactly(1).EqualTo(new[] { "dft", "1", "1", "–", "–", "–" }));
    }

    [Test]
    public void ScoresThatAreNotTheBenchmarksAreRefused()
    {
        var result = new CellResult { Scores = [1, 0, 1], Benchmarks = Benchmarks };
        Assert.That(() => result.Accuracy, Throws.ArgumentException.With.Message.Contains("3 scores are not those of large (8), small (2)"));
    }

    /// <summary>Tests of pairs are for who looks at them: these would throw, since their runs do not have the same problems.</summary>
    [Test]
    public void TheBestSettingIsFoundWithoutAnyTest()
    {
        var comparison = Compare(areShared: true, [1, 2], seed => [.. Enumerable.Repeat(0.5, (int)seed)], seed => [.. Enumerable.Repeat(1.0, (int)seed)]);
        Assert.Multiple(() =>
        {
            Assert.That(comparison.BestSettings.Select(best => best.Mean), Is.EqualTo(new[] { 0.5, 1 }));
            Assert.That(() => comparison.BestSettingPairs, Throws.ArgumentException);
        });
    }

    [Test]
    public void WhatIsMissingOrFailedDoesNotCount()
    {
        var experiment = new Experiment
        {
            Task = new DemoSubjectSettings(),
            Options = new TrainingOptions(),
            Grids = [new ExperimentGrid { Losses = [Sft, Dft], LearningRates = [1], BatchSizes = [1], Seeds = [1, 2] }],
        };
        ExperimentCell[] cells = [.. experiment.Grids[0].Cells(best: null)];
        var comparison = new Comparison(experiment, cells, new Dictionary<string, CellResult>
        {
            [cells[0].Name] = Result([1, 0], (0, 0.5), (5, 1)),
            [cells[1].Name] = new CellResult { Failure = "not finite" },
            [cells[2].Name] = Result([1, 1], (0, 0.7), (5, 1)),
        });
        Assert.Multiple(() =>
        {
            Assert.That((comparison.FinishedCount, comparison.IsComplete, comparison.Failures.Single().Cell), Is.EqualTo((3, false, cells[1])));
            Assert.That(comparison.BestSettings.Select(best => best.Setting.Loss), Is.EqualTo(new[] { Sft }));
            Assert.That(comparison.Untrained, Is.EqualTo(0.6).Within(1e-12));
            Assert.That(comparison.SameSettingPairs, Is.Empty);
            Assert.That(ComparisonReport.ToHtml(comparison), Does.Contain("Unfinished: 3 of 4 runs").And.Contain("not finite"));
            Assert.That(ComparisonPicture.ToSvg(new Comparison(experiment, cells, new Dictionary<string, CellResult>())), Does.Contain("no data"));
        });
    }

    private static Comparison CompareOnBenchmarks(LossVariant? failing = null) =>
        Compare(areShared: true, [1, 2], _ => [1, 1, 1, 1, 1, 1, 1, 0, 0, 0], _ => [1, 1, 1, 1, 0, 0, 0, 0, 1, 1], Benchmarks, failing);

    /// <summary>The rows of a page's tables that begin with a text, cell by cell.</summary>
    private static List<string[]> Cells(string html, string first) =>
    [
        .. Regex.Matches(html, "<tr>(.*?)</tr>", RegexOptions.Singleline)
            .Select(row => Regex.Matches(row.Groups[1].Value, "<t[hd][^>]*>(.*?)</t[hd]>").Select(cell => cell.Groups[1].Value).ToArray())
            .Where(cells => cells[0] == first),
    ];

    /// <summary>SFT and DFT at one setting.</summary>
    private static Comparison Compare(
        bool areShared, long[] seeds, Func<long, double[]> sft, Func<long, double[]> dft, IReadOnlyList<ScoredBenchmark>? benchmarks = null, LossVariant? failing = null)
    {
        var experiment = new Experiment
        {
            Task = areShared ? null : new DemoSubjectSettings(),
            Options = new TrainingOptions(),
            Grids = [new ExperimentGrid { Losses = [Sft, Dft], LearningRates = [1], BatchSizes = [1], Seeds = seeds }],
        };
        ExperimentCell[] cells = [.. experiment.Grids[0].Cells(best: null)];
        return new Comparison(experiment, cells, cells.ToDictionary(cell => cell.Name, cell => cell.Setting.Loss == failing
            ? new CellResult { Failure = "not finite" }
            : Result(cell.Setting.Loss == Sft ? sft(cell.Seed) : dft(cell.Seed)) with { Benchmarks = benchmarks ?? [] }));
    }

    private static LossVariant Loss(string name) => new(name, new Dictionary<string, string> { ["loss_type"] = name });

    private static ExperimentSetting Setting(LossVariant loss) => new(loss, 1, 1);

    private static SettingSummary Summarize(LossVariant loss, params CellResult[] results) =>
        new(Setting(loss), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, false, results.Length, [.. results.Select((result, i) => new SeedResult(i, result))]);

    private static SettingSummary Nll(LossVariant loss, double nll, params (int Step, double Nll)[] curve) => new(
        Setting(loss), ExperimentMetric.EvalNll, ExperimentMetric.EvalNll, false, 1,
        [new SeedResult(1, new CellResult { EvalNll = nll, Curve = [.. curve.Select(point => new ExperimentCurvePoint(point.Step, null, point.Nll, 1))] })]);

    private static CellResult Result(double[] scores, params (int Step, double Accuracy)[] curve) => new()
    {
        Scores = scores,
        Curve = [.. curve.Select(point => new ExperimentCurvePoint(point.Step, point.Accuracy, 1, point.Step == 0 ? null : 2))],
    };
}
