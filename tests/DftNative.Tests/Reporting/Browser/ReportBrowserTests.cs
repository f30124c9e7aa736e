using DftNative.Demo;
using DftNative.Evaluation.Analysis;
using DftNative.Experiments;
using DftNative.Reporting;
using DftNative.Tests.Demo;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Reporting.Browser;

/// <summary>Every kind of report in Chromium. The screenshots are in build/screenshots, to be looked at.</summary>
[TestFixture]
[Category("Slow")]
internal sealed class ReportBrowserTests
{
    private readonly ScratchDirectory scratch = new();
    private HeadlessBrowser browser = null!;

    [OneTimeSetUp]
    public void OpenBrowser() => browser = HeadlessBrowser.Open();

    [OneTimeTearDown]
    public void CloseBrowser()
    {
        browser?.Dispose();
        scratch.Dispose();
    }

    [Test]
    public void TheDemos() => ReportCheck.Run(browser, scratch.Write("demo.html", DemoReport.ToHtml(DemoReportTests.Result())), "demo");

    [Test]
    public void ATrainingRuns()
    {
        using var run = new TinyRun();
        var options = run.Options("out");
        (options.NumTrainEpochs, options.EvalSteps, options.Profile) = (40, 20, true);
        run.Train(options, evaluationRows: TinyRun.Rows(5, seed: 2), stopAfterStep: 130);
        ReportCheck.Run(browser, run.PathOf("out/report.html"), "train");
    }

    [Test]
    public void ALongTrainingRuns()
    {
        RunReportTests.WriteLongRun(scratch);
        RunReport.Write(scratch.FullName, scratch.PathOf("long.html"));
        ReportCheck.Run(browser, scratch.PathOf("long.html"), "train-long");
    }

    [Test]
    public void AnAnalyses()
    {
        var model = scratch.PathOf("model");
        DemoAssets.Extract(model);
        var tokenizer = Tokenizer.Load(model);
        var demonstrations = new DemoRows(tokenizer);
        var rows = Enumerable.Range(0, 40).Select(i => AdditionTask.Demonstrate(1, i, 0.15)).Select(row => demonstrations.CreateRow(row.Problem.Prompt, row.Solution)).ToList();
        using var run = new TinyRun();
        using var checkpoint = DftNative.Checkpoints.ModelDirectory.Open(model);
        var scores = TargetScorer.Run(run.Backend, checkpoint, rows, new TrainingOptions());
        // As if each had been trained for a while: sharper, and blunter.
        var models = new[] { ("base", 1f), ("dft/final", 3f), ("sft/final", 0.5f) }.Select(entry => new AnalyzedModel(
            entry.Item1, entry.Item1, scores with { LogProbabilities = [.. scores.LogProbabilities.Select(value => value * entry.Item2)] })).ToList();
        var analysis = new TokenAnalysis(rows, tokenizer, models);
        ReportCheck.Run(browser, scratch.Write("analyze.html", AnalysisReport.ToHtml(analysis, "rows.jsonl", analysis.FindMostMovedRow(), 10)), "analyze");
    }

    /// <summary>As many losses as there are colours, over learning rates and batch sizes, with results that are made up.</summary>
    [Test]
    public void AComparisons()
    {
        LossVariant[] losses = [.. new[] { "sft", "dft", "dft_exponent_0.5", "focal", "eaft", "asft" }.Select(name => new LossVariant(name, new Dictionary<string, string> { ["loss_type"] = "sft" }))];
        double[] learningRates = [2e-4, 1e-4, 5e-5, 1e-5];
        var experiment = new Experiment
        {
            Task = new DemoSubjectSettings(),
            Options = new TrainingOptions(),
            Grids = [new ExperimentGrid { Losses = losses, LearningRates = learningRates, BatchSizes = [16, 32], Seeds = [1, 2, 3] }],
        };
        ExperimentCell[] cells = [.. experiment.Grids[0].Cells(best: null)];
        var comparison = new Comparison(experiment, cells, cells.Select((cell, i) => (cell, i)).ToDictionary(entry => entry.cell.Name, entry => MakeUp(entry.i)));
        ReportCheck.Run(browser, scratch.Write("compare.html", ComparisonReport.ToHtml(comparison)), "compare");

        static CellResult MakeUp(int cell)
        {
            var random = new Random(cell);
            double[] scores = [.. Enumerable.Range(0, 100).Select(_ => random.NextDouble() < 0.4 + cell / 400.0 ? 1.0 : 0)];
            return new CellResult
            {
                Scores = scores,
                GreedyAccuracy = 0.9,
                EvalNll = 0.1,
                MeanTokenProbability = 0.9,
                StepCount = 200,
                Curve = [.. Enumerable.Range(0, 11).Select(i => new ExperimentCurvePoint(i * 20, 0.4 + (scores.Average() - 0.4) * i / 10, 0.5 / (1 + i), i == 0 ? null : 0.4 / (1 + i)))],
            };
        }
    }

    /// <summary>Every kind of chart at its limits: six series, long names, one point, many bars, tiny and huge numbers.</summary>
    [Test]
    public void ChartsAtTheirLimits()
    {
        var colors = Enum.GetValues<SeriesColor>();
        LineSeries[] series = [.. colors.Select((color, i) => new LineSeries($"a setting with a long name {i}", color, [.. Enumerable.Range(0, 9).Select(x => new ChartPoint(x, 1e-7 * (x + i), 1e-7 * (x + i - 0.4), 1e-7 * (x + i + 0.4)))]))];
        var share = new ChartAxis("share of the targets") { Scale = AxisScale.Logarithmic, Format = TickFormat.Percent };
        var report = new HtmlReport("Charts at their limits").AddCharts(
            new LineChart("Six series", "", new ChartAxis("step"), new ChartAxis("learning rate"), series),
            new LineChart("One point", "", new ChartAxis("step"), new ChartAxis("tokens/s"), [new LineSeries("", SeriesColor.Cool, [new ChartPoint(5, 123_456_789)])]),
            new LineChart("Powers of ten", "", new ChartAxis("learning rate") { Scale = AxisScale.Logarithmic }, new ChartAxis("accuracy") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 },
                [new LineSeries("dft", SeriesColor.Cool, [new(1e-5, 0.2), new(5e-5, 0.7), new(2e-4, 0.9)])]),
            new BarChart("Many bars", "", new ChartAxis("accuracy") { Format = TickFormat.Percent },
                [.. colors.Select((color, i) => new Bar($"loss {i}, learning rate 5e-5, batch 256", color, 0.1 * i, 0.1 * i - 0.02, 0.1 * i + 0.05))]),
            new BarChart("Few bars", "", new ChartAxis("nats"), [new Bar("base", SeriesColor.Neutral, 0.5, 0.4, 0.6), new Bar("tuned", SeriesColor.Cool, 0.01)]),
            new HistogramChart("Six histograms", "", new ChartAxis("token probability p") { Minimum = 0, Maximum = 1 }, share,
                [.. colors.Select((color, i) => new HistogramSeries($"model {i}", color, [.. Enumerable.Range(0, 16).Select(bin => Math.Pow(2, bin) * (i + 1))]))]));
        report.AddHeading("One alone").AddCharts(Few()).AddHeading("Three").AddCharts(Few(), Few(), Few());
        ReportCheck.Run(browser, scratch.Write("charts.html", report.ToHtml()), "charts");

        static BarChart Few() => new("Few", "", new ChartAxis("nats"), [new Bar("base", SeriesColor.Neutral, 0.5, 0.4, 0.6), new Bar("tuned", SeriesColor.Cool, 0.01)]);
    }
}
