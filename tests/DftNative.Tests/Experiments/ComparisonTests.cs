using DftNative.Experiments;
using DftNative.Experiments.Statistics;
using DftNative.Training;

namespace DftNative.Tests.Experiments;

/// <summary>What is made of results, on results that are made up.</summary>
public sealed class ComparisonTests
{
    private static readonly LossVariant Sft = Loss("sft"), Dft = Loss("dft");

    [Test]
    public void ASettingIsTheMeanOfItsSeeds()
    {
        var setting = Summarize(Sft, Result([1, 0, 0, 0], (0, 0.9), (5, 0.2)), Result([1, 1, 0, 0], (0, 0.7), (5, 0.6)));
        Assert.Multiple(() =>
        {
            Assert.That(setting.Mean, Is.EqualTo(0.375));
            Assert.That(setting.OverSeeds, Is.EqualTo(new Interval(0, 1)), "0.375 ± 12.7·0.125, cut off where shares end");
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
        var first = new SettingSummary(Setting(Dft), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, 3, [new(1, Result([1, 1, 1])), new(3, Result([1, 1, 0]))]);
        var second = new SettingSummary(Setting(Sft), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, 3, [new(2, Result([1, 1, 1])), new(3, Result([0, 0, 1])), new(1, Result([0, 1, 0]))]);
        var pair = new PairSummary(first, second);
        Assert.Multiple(() =>
        {
            Assert.That(pair.SeedDifferences, Is.EqualTo(new[] { 2 / 3.0, 1 / 3.0 }).Within(1e-12));
            Assert.That(pair.ProblemsPValue, Is.EqualTo(PairedTest.SignTest(4, 1)));
            Assert.That(pair.OverProblems!.Value.Low, Is.LessThan(pair.Difference!.Value));
            Assert.That(pair.OverProblems!.Value.High, Is.GreaterThan(pair.Difference!.Value));
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

    private static LossVariant Loss(string name) => new(name, new Dictionary<string, string> { ["loss_type"] = name });

    private static ExperimentSetting Setting(LossVariant loss) => new(loss, 1, 1);

    private static SettingSummary Summarize(LossVariant loss, params CellResult[] results) =>
        new(Setting(loss), ExperimentMetric.Accuracy, ExperimentMetric.Accuracy, results.Length, [.. results.Select((result, i) => new SeedResult(i, result))]);

    private static SettingSummary Nll(LossVariant loss, double nll, params (int Step, double Nll)[] curve) => new(
        Setting(loss), ExperimentMetric.EvalNll, ExperimentMetric.EvalNll, 1,
        [new SeedResult(1, new CellResult { EvalNll = nll, Curve = [.. curve.Select(point => new ExperimentCurvePoint(point.Step, null, point.Nll, 1))] })]);

    private static CellResult Result(double[] scores, params (int Step, double Accuracy)[] curve) => new()
    {
        Scores = scores,
        Curve = [.. curve.Select(point => new ExperimentCurvePoint(point.Step, point.Accuracy, 1, point.Step == 0 ? null : 2))],
    };
}
