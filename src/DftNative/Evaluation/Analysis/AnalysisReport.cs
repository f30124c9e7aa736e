using System.Globalization;
using DftNative.Reporting;
using DftNative.Tokenizers;

namespace DftNative.Evaluation.Analysis;

/// <summary>The page of an analysis: how sure each model is, what moved, and one row token by token.</summary>
public static class AnalysisReport
{
    /// <summary>Bins of the recorded histograms that make one bar where several models share a chart.</summary>
    private const int BinsPerBar = 4;

    private const int EntropyBins = 20;
    private const int ContextTokens = 12;

    /// <summary>Below and from which p a token counts as refused and as certain.</summary>
    private const double Refused = 0.01, Certain = 0.99;

    private static readonly SeriesColor[] Colors =
        [SeriesColor.Neutral, SeriesColor.Warm, SeriesColor.Cool, SeriesColor.Green, SeriesColor.Purple, SeriesColor.Gold];

    private static ChartAxis Probability => new("token probability p") { Minimum = 0, Maximum = 1 };

    private static ChartAxis LogShare => new("share of targets") { Scale = AxisScale.Logarithmic, Format = TickFormat.Percent };

    /// <summary>The self-contained page.</summary>
    /// <param name="analysis">The analysis.</param>
    /// <param name="data">What the rows are called.</param>
    /// <param name="sample">The row that is shown token by token, from 0.</param>
    /// <param name="moveCount">The most tokens of each list of moves.</param>
    public static string ToHtml(TokenAnalysis analysis, string data, int sample, int moveCount)
    {
        var report = new HtmlReport("Token probabilities: " + string.Join(", ", analysis.Models.Select(model => model.Name)))
            .AddParagraph(Invariant($"The probability p that each model gives to the {analysis.TargetCount:N0} targets of the {analysis.Rows.Count:N0} rows of {data}."))
            .AddTable(["model", "NLL", "mean p", "token accuracy", "p < 0.01", "p ≥ 0.99", "mean entropy"], analysis.Models.Select(ModelRow));
        AddProbabilities(report, analysis);
        AddEntropies(report, analysis);
        foreach (var model in analysis.Models.Skip(1)) AddMoves(report, analysis, analysis.FindMoves(model, moveCount), model);
        AddSample(report, analysis, sample);
        return report.ToHtml();
    }

    private static IReadOnlyList<string> ModelRow(AnalyzedModel model)
    {
        var (targets, statistics) = (model.Targets, model.Targets.Statistics);
        return
        [
            model.Name, Fixed(statistics.NegativeLogLikelihood), Fixed(statistics.MeanTokenProbability), HtmlReport.Percent(statistics.TokenAccuracy),
            HtmlReport.Percent(targets.ShareBetween(0, Refused)), HtmlReport.Percent(targets.ShareBetween(Certain, double.PositiveInfinity)),
            Invariant($"{targets.MeanEntropy:0.0000} nats"),
        ];
    }

    private static void AddProbabilities(HtmlReport report, TokenAnalysis analysis)
    {
        report.AddHeading("How sure the models are")
            .AddParagraph("The DFT paper reports that SFT lifts the p of all targets, and that DFT polarises: many go to 1, some to 0. The axis is logarithmic, so that rare bins are seen.");
        Chart[] each =
        [
            .. analysis.Models.Select((model, i) => new HistogramChart(model.Name, "", Probability, LogShare with { Minimum = Least(analysis), Maximum = 1 }, ColorOf(i), model.Targets.Statistics.Histogram)),
        ];
        if (analysis.Models.Count == 1)
        {
            report.AddCharts(each);
            return;
        }

        report.AddCharts(
            [
                new HistogramChart("Side by side", "", Probability, LogShare,
                    [.. analysis.Models.Select((model, i) => new HistogramSeries(model.Name, ColorOf(i), HistogramChart.MergeBins(model.Targets.Statistics.Histogram, BinsPerBar)))]),
                .. each,
            ]);
    }

    /// <summary>A power of ten below a single target's share, so that the models' charts have one axis.</summary>
    private static double Least(TokenAnalysis analysis) => Math.Pow(10, -1 - Math.Floor(Math.Log10(Math.Max(1, analysis.TargetCount))));

    private static void AddEntropies(HtmlReport report, TokenAnalysis analysis)
    {
        var highest = analysis.Models.Max(model => model.Targets.Entropies.Where(float.IsFinite).DefaultIfEmpty().Max());
        var axis = new ChartAxis("entropy in nats") { Minimum = 0, Maximum = Math.Max(0.1, Math.Ceiling(highest * 10) / 10) };
        report.AddHeading("Entropy")
            .AddParagraph("Of the whole distribution that each target was predicted by: 0 where the model sees one possible token, ln k where it sees k equally likely ones.")
            .AddCharts(
                new BarChart("Mean entropy", "", new ChartAxis("nats"), [.. analysis.Models.Select((model, i) => new Bar(model.Name, ColorOf(i), model.Targets.MeanEntropy))]),
                new HistogramChart("Its distribution", "", axis, LogShare,
                    [.. analysis.Models.Select((model, i) => new HistogramSeries(model.Name, ColorOf(i), Bin(model.Targets.Entropies, axis.Maximum!.Value)))]));
    }

    private static double[] Bin(float[] values, double maximum)
    {
        var counts = new double[EntropyBins];
        foreach (var value in values)
            if (float.IsFinite(value)) counts[Math.Clamp((int)(value / maximum * EntropyBins), 0, EntropyBins - 1)]++;
        return counts;
    }

    private static void AddMoves(HtmlReport report, TokenAnalysis analysis, TokenMoves moves, AnalyzedModel model)
    {
        string before = analysis.Base.Name, after = model.Name;
        report.AddHeading($"What moved from {before} to {after}")
            .AddParagraph(Invariant($"p rose by more than {TokenMoves.Threshold} for {moves.ShareUp * 100:0.0} % of the targets and fell by more for {moves.ShareDown * 100:0.0} %."));
        AddTypes("Tokens that rose most, over all their occurrences", moves.TypesUp);
        AddTypes("Tokens that fell most", moves.TypesDown);
        AddOccurrences("Single targets that rose most", moves.Up);
        AddOccurrences("Single targets that fell most", moves.Down);

        void AddTypes(string title, IReadOnlyList<TokenTypeMove> types)
        {
            if (types.Count == 0) return;
            report.AddSubheading(title).AddTable(
                ["token", "occurrences", $"mean p, {before}", $"mean p, {after}", "change in sum"],
                types.Select(type => (IReadOnlyList<string>)[Quote(analysis.Show(type.TokenId)), Invariant($"{type.Count:N0}"), Fixed(type.BaseProbability), Fixed(type.Probability), Signed(type.TotalChange)]));
        }

        void AddOccurrences(string title, IReadOnlyList<TokenMove> occurrences)
        {
            if (occurrences.Count == 0) return;
            report.AddSubheading(title).AddTable(
                ["token", "after", "row", $"p, {before}", $"p, {after}", "change"],
                occurrences.Select(move => (IReadOnlyList<string>)
                [
                    Quote(analysis.Show(move.TokenId)), "…" + analysis.ShowContext(move.Row, move.Position, ContextTokens), Invariant($"{move.Row + 1}"),
                    Fixed(move.BaseProbability), Fixed(move.Probability), Signed(move.Change),
                ]));
        }
    }

    private static void AddSample(HtmlReport report, TokenAnalysis analysis, int sample)
    {
        var targets = analysis.TargetsOf(sample).ToDictionary(target => target.Position, target => target.Target);
        report.AddHeading(Invariant($"Row {sample + 1}, token by token"))
            .AddParagraph("Each target is shaded by its p, strongest where the model refuses it; those below 0.5 are underlined too. Its numbers are shown on hover, and in the table below.")
            .AddTokenScale();
        foreach (var model in analysis.Models)
            report.AddSubheading(model.Name).AddTokens(analysis.Rows[sample].InputIds.Select((id, position) => SpanOf(analysis, model, sample, position, id, targets)));
        report.AddFoldedTable(
            "The tokens' numbers",
            ["token", .. analysis.Models.SelectMany(model => (string[])[$"p, {model.Name}", $"entropy, {model.Name}"])],
            targets.OrderBy(target => target.Key).Select(target => (IReadOnlyList<string>)
            [
                Quote(analysis.Show(analysis.Rows[sample].Labels[target.Key])),
                .. analysis.Models.SelectMany(model => (string[])[Fixed(model.Targets.Probability(target.Value)), Fixed(model.Targets.Entropies[target.Value])]),
            ]));
    }

    private static TokenSpan SpanOf(TokenAnalysis analysis, AnalyzedModel model, int row, int position, int id, Dictionary<int, int> targets)
    {
        var text = TokenText.Show(analysis.Tokenizer, id, keepsLineFeeds: true) + (analysis.Tokenizer is null ? " " : "");
        if (!targets.TryGetValue(position, out var target)) return new TokenSpan(text, null, "not a target");
        var label = analysis.Rows[row].Labels[position];
        var name = label == id ? "" : $"target {Quote(analysis.Show(label))}: ";
        var p = model.Targets.Probability(target);
        var description = Invariant($"{name}p {Fixed(p)}, −log p {-model.Targets.LogProbabilities[target]:0.000}, entropy {model.Targets.Entropies[target]:0.000}");
        if (model != analysis.Base) description += Invariant($"; {analysis.Base.Name}: p {Fixed(analysis.Base.Targets.Probability(target))}");
        return new TokenSpan(text, p, description);
    }

    private static SeriesColor ColorOf(int model) => Colors[model % Colors.Length];

    private static string Quote(string token) => $"‘{token}’";

    private static string Fixed(double value) => double.IsFinite(value) ? Invariant($"{value:0.0000}") : "–";

    private static string Signed(double value) => Invariant($"{value:+0.000;−0.000;0.000}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
