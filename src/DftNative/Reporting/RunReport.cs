using System.Globalization;
using System.Text;
using DftNative.Checkpoints;
using DftNative.Training;

namespace DftNative.Reporting;

/// <summary>The page that shows a training run: curves, histograms of p, where the time went, and its options.</summary>
public static class RunReport
{
    /// <summary>The page's name in a run's output directory.</summary>
    public const string FileName = "report.html";

    private const string ProfilePrefix = MetricsFile.ProfileName + "/";

    /// <summary>A curve that spans more than this is drawn over a logarithmic axis.</summary>
    private const double LargestLinearSpan = 100;

    /// <summary>Skipped steps that are listed one by one.</summary>
    private const int MostSteps = 20;

    /// <summary>Bins of the recorded histograms that make one bar.</summary>
    private const int BinsPerBar = 4;

    private static readonly (string Column, string Name)[] EvaluationColumns =
        [("eval_loss", "loss"), ("eval_nll", "NLL"), ("eval_mean_token_probability", "mean p"), ("eval_token_accuracy", "token accuracy")];

    private static readonly SeriesColor[] Colors =
        [SeriesColor.Cool, SeriesColor.Warm, SeriesColor.Green, SeriesColor.Purple, SeriesColor.Gold, SeriesColor.Neutral];

    private static ChartAxis Share => new("share of targets") { Format = TickFormat.Percent };

    /// <summary>Writes the page of a run that is complete or not, from what its directory holds.</summary>
    /// <param name="directory">The <c>output_dir</c> of a run.</param>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <returns>What the directory told.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: there is nothing to report; <see cref="ExitCode.CannotWrite"/>.</exception>
    public static RunSummary Write(string directory, string path)
    {
        var run = RunSummary.Read(directory);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml(run)));
        return run;
    }

    /// <summary>The self-contained page.</summary>
    public static string ToHtml(RunSummary run)
    {
        var metrics = run.Metrics;
        var steps = new ChartAxis("step") { Minimum = 0, Maximum = metrics.LastStep };
        var loss = run.Options is { } options ? OptionCatalog.Find("loss_type").GetText(options) : "the loss";
        var report = new HtmlReport($"Training run: {Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Directory))}").AddParagraph(run.Describe());
        if (metrics.IsCutOff) report.AddParagraph($"The last line of {MetricsFile.FileName} was cut off as it was written, and is left out.");
        report.AddParagraph(DescribeTime(metrics));
        if (metrics.SkippedSteps.Count > 0) report.AddParagraph(DescribeSkipped(metrics.SkippedSteps));
        report.AddTable(["", "first", "last", "lowest", "highest"], SummaryRows(metrics));
        report.AddHeading("Loss")
            .AddCharts(
                Curve(metrics, steps, $"Weighted loss ({loss})", "What is minimised: mean over the step's targets.", new ChartAxis("loss per target"), "loss", "eval_loss"),
                Curve(metrics, steps, "Negative log-likelihood", "Unweighted, over the same targets. With DFT it may rise while the loss falls.", new ChartAxis("NLL per target"), "nll", "eval_nll"),
                Curve(metrics, steps, "Mean token probability", "The p that the model gives to the targets.", new ChartAxis("mean p"), "mean_token_probability", "eval_mean_token_probability"),
                Curve(metrics, steps, "Token accuracy", "Targets that are the model's first choice.", new ChartAxis("token accuracy") { Format = TickFormat.Percent }, "token_accuracy", "eval_token_accuracy"));
        AddGenerated(report, metrics, steps);
        AddHistograms(report, metrics);
        report.AddHeading("Optimizer")
            .AddCharts(
                GradientNorm(metrics, steps, run.Options),
                Curve(metrics, steps, "Learning rate", "", new ChartAxis("learning rate"), "learning_rate"));
        report.AddHeading("Speed and memory")
            .AddCharts(
                Curve(metrics, steps, "Throughput", "Tokens of rows, padding not counted.", new ChartAxis("tokens/s") { Minimum = 0 }, "tokens_per_second"),
                Memory(metrics, steps));
        AddProfile(report, metrics, steps);
        if (Present(metrics["eval_loss"]).Count > 0)
            report.AddFoldedTable("The evaluations' numbers", ["step", .. EvaluationColumns.Select(column => column.Name)], EvaluationRows(metrics));
        AddOptions(report, run.Options);
        return report.ToHtml();
    }

    private static string DescribeTime(RunMetrics metrics)
    {
        var (seconds, tokens) = (Present(metrics["step_seconds"]).Sum(point => point.Y), Present(metrics["tokens"]).Sum(point => point.Y));
        return FormattableString.Invariant($"{tokens:N0} tokens in {TimeSpan.FromSeconds(Math.Ceiling(seconds)):c}, evaluations and saving not counted.");
    }

    private static string DescribeSkipped(IReadOnlyList<int> steps)
    {
        var list = string.Join(", ", steps.Take(MostSteps)) + (steps.Count > MostSteps ? ", …" : "");
        return steps.Count == 1
            ? $"Step {list} was skipped: its loss or gradient was not finite."
            : $"{steps.Count} steps were skipped, whose loss or gradient was not finite: {list}.";
    }

    private static IEnumerable<IReadOnlyList<string>> SummaryRows(RunMetrics metrics)
    {
        (string Name, string Column)[] rows =
        [
            ("loss", "loss"), ("NLL", "nll"), ("mean p", "mean_token_probability"), ("token accuracy", "token_accuracy"),
            ("held-out loss", "eval_loss"), ("held-out NLL", "eval_nll"), ("held-out mean p", "eval_mean_token_probability"), ("held-out token accuracy", "eval_token_accuracy"),
            ("gradient norm", "grad_norm"), ("learning rate", "learning_rate"), ("tokens/s", "tokens_per_second"), ("model FLOPs utilisation", "mfu"), ("tokens so far", "tokens_total"),
        ];
        foreach (var (name, column) in rows)
        {
            var values = Present(metrics[column]).ConvertAll(point => point.Y);
            if (values.Count > 0) yield return [name, Significant(values[0]), Significant(values[^1]), Significant(values.Min()), Significant(values.Max())];
        }
    }

    /// <summary>A column of the training steps and, where there is one, of the evaluations.</summary>
    private static LineChart Curve(RunMetrics metrics, ChartAxis steps, string title, string explanation, ChartAxis axis, string column, string? evaluationColumn = null)
    {
        var evaluation = evaluationColumn is null ? [] : Present(metrics[evaluationColumn]);
        LineSeries[] series = evaluation.Count == 0
            ? [new LineSeries("", SeriesColor.Cool, CurveThinner.Thin(metrics[column]))]
            : [new LineSeries("training", SeriesColor.Cool, CurveThinner.Thin(metrics[column])), new LineSeries("held out", SeriesColor.Warm, CurveThinner.Thin(evaluation))];
        return new LineChart(title, Explain(explanation, metrics[column].Count), steps, axis, series);
    }

    private static LineChart GradientNorm(RunMetrics metrics, ChartAxis steps, TrainingOptions? options)
    {
        var points = metrics["grad_norm"];
        var positive = Present(points).ConvertAll(point => point.Y).FindAll(value => value > 0);
        var highest = positive.Count == 0 ? 0 : positive.Max();
        var scale = highest > 0 && highest > LargestLinearSpan * positive.Min() ? AxisScale.Logarithmic : AxisScale.Linear;
        List<LineSeries> series = [new("gradient norm", SeriesColor.Cool, CurveThinner.Thin(points))];
        var limit = options?.MaxGradNorm ?? 0;
        // A limit far above would press the curve to the floor.
        var isShown = limit > 0 && highest > limit / 2;
        if (isShown) series.Add(new LineSeries("clipped to", SeriesColor.Neutral, [new ChartPoint(points[0].X, limit), new ChartPoint(points[^1].X, limit)]) { HasMarks = false });
        var clipping = limit > 0 ? $"clipping to {Significant(limit)}{(isShown ? "" : ", which is never reached")}" : "clipping, which is off";
        return new LineChart(
            "Gradient norm", Explain($"Of all parameters together, before {clipping}.", points.Count), steps,
            new ChartAxis("gradient norm") { Scale = scale, Minimum = scale == AxisScale.Linear ? 0 : null }, series);
    }

    private static LineChart Memory(RunMetrics metrics, ChartAxis steps)
    {
        const double mebibyte = 1 << 20, gibibyte = 1 << 30;
        var points = metrics["memory_bytes"];
        var (unit, bytes) = points.Any(point => point.Y >= gibibyte) ? ("GiB", gibibyte) : ("MiB", mebibyte);
        return new LineChart("Memory", "The most held at once so far.", steps, new ChartAxis(unit) { Minimum = 0 },
            [new LineSeries("", SeriesColor.Cool, CurveThinner.Thin([.. points.Select(point => point with { Y = point.Y / bytes })]))]);
    }

    private static void AddGenerated(HtmlReport report, RunMetrics metrics, ChartAxis steps)
    {
        var columns = metrics.Columns.Where(IsGenerated).Order(StringComparer.Ordinal).ToList();
        if (columns.Count == 0) return;
        List<LineChart> charts =
        [
            new LineChart(
                "Accuracy of sampled answers", "Answers to held-out problems, sampled and graded while training.", steps,
                new ChartAxis("right answers") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 },
                [.. columns.Select((column, i) => new LineSeries(column["eval_generate".Length..].Trim('_', '/').Replace('_', ' '), Colors[i % Colors.Length], CurveThinner.Thin(Present(metrics[column]))))]),
        ];
        Add("eval_generate_cut_off", "Answers that were cut off", "They had no end within the most tokens of an answer.", new ChartAxis("share of answers") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 });
        Add("eval_generate_tokens", "Length of the answers", "The mean, cut-off ones included.", new ChartAxis("tokens") { Minimum = 0 });
        report.AddHeading("Generated answers").AddCharts([.. charts]);

        void Add(string column, string title, string explanation, ChartAxis axis)
        {
            if (Present(metrics[column]) is { Count: > 0 } points) charts.Add(new LineChart(title, explanation, steps, axis, [new LineSeries("", SeriesColor.Cool, CurveThinner.Thin(points))]));
        }

        static bool IsGenerated(string column) =>
            column.StartsWith("eval_generate", StringComparison.Ordinal) && column.Contains("average@", StringComparison.Ordinal);
    }

    private static void AddHistograms(HtmlReport report, RunMetrics metrics)
    {
        var (first, last, steps) = metrics.ProbabilityHistograms();
        if (steps == 0) return;
        var (names, colors) = (new[] { Count("first", steps), Count("last", steps) }, new[] { SeriesColor.Neutral, SeriesColor.Cool });
        var p = new ChartAxis("token probability p") { Minimum = 0, Maximum = 1 };
        report.AddHeading("How sure the model is")
            .AddParagraph("The probability p that the model gives to each target, at the beginning and at the end. The DFT paper reports that SFT lifts all of them, and that DFT polarises: many go to 1, some to 0.")
            .AddCharts(
                Histogram("Shares", Share),
                Histogram("The same, rare bins enlarged", Share with { Scale = AxisScale.Logarithmic }));

        HistogramChart Histogram(string title, ChartAxis vertical) => new(
            title, "", p, vertical,
            [new HistogramSeries(names[0], colors[0], HistogramChart.MergeBins(first, BinsPerBar)), new HistogramSeries(names[1], colors[1], HistogramChart.MergeBins(last, BinsPerBar))]);

        static string Count(string which, int count) => count == 1 ? $"{which} step" : $"{which} {count} steps";
    }

    private static void AddProfile(HtmlReport report, RunMetrics metrics, ChartAxis steps)
    {
        var parts = metrics.Columns.Where(column => column.StartsWith(ProfilePrefix, StringComparison.Ordinal))
            .Select(column => (Name: column[ProfilePrefix.Length..].Replace('_', ' '), Points: Present(metrics[column]))).Where(part => part.Points.Count > 0).ToList();
        if (parts.Count == 0) return;
        var means = parts.ConvertAll(part => part.Points.Average(point => point.Y));
        var total = means.Sum();
        report.AddHeading("Where the time goes").AddCharts(
            new BarChart("A step's parts", $"Mean of {parts[0].Points.Count} steps, {Significant(total)} ms each.", new ChartAxis("share of the step") { Format = TickFormat.Percent },
                [.. parts.Select((part, i) => new Bar(part.Name, SeriesColor.Cool, total > 0 ? means[i] / total : double.NaN))]),
            new LineChart("Over the run", Explain("The largest parts.", parts[0].Points.Count), steps, new ChartAxis("milliseconds") { Minimum = 0 },
                [.. parts.Zip(means).OrderByDescending(part => part.Second).Take(4).Select((part, i) => new LineSeries(part.First.Name, Colors[i], CurveThinner.Thin(part.First.Points)))]));
    }

    private static IEnumerable<IReadOnlyList<string>> EvaluationRows(RunMetrics metrics)
    {
        var columns = EvaluationColumns.Select(column => metrics[column.Column].ToDictionary(point => point.X, point => point.Y)).ToList();
        foreach (var point in metrics["eval_loss"])
            yield return [Significant(point.X), .. columns.Select(column => column.TryGetValue(point.X, out var value) ? Significant(value) : "–")];
    }

    private static void AddOptions(HtmlReport report, TrainingOptions? options)
    {
        report.AddHeading("Options");
        if (options is null)
        {
            report.AddParagraph("The run's resolved_config.yaml is missing, or of another version.");
            return;
        }

        var defaults = new TrainingOptions();
        IReadOnlyList<string>[] rows = [.. OptionCatalog.All.Select(option => (IReadOnlyList<string>)[option.Name, option.GetText(options), option.GetText(defaults)])];
        report.AddTable(["option", "this run", "default"], rows.Where(row => row[1] != row[2]))
            .AddFoldedTable("All options", ["option", "this run", "default"], rows);
    }

    private static List<ChartPoint> Present(IReadOnlyList<ChartPoint> points) => [.. points.Where(point => point.IsFinite)];

    private static string Explain(string explanation, int points) => points <= CurveThinner.MaxPoints
        ? explanation
        : $"{explanation} Each point is the mean of about {Math.Round((double)points / CurveThinner.MaxPoints)} steps, the band reaches from the lowest to the highest.".TrimStart();

    private static string Significant(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? value.ToString("N0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1000 ? value.ToString("N0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1e-4 ? value.ToString("G4", CultureInfo.InvariantCulture)
        : value.ToString("0.###e0", CultureInfo.InvariantCulture);
}
