using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>The charts of a comparison.</summary>
/// <param name="comparison">What they show.</param>
internal sealed class ComparisonCharts(Comparison comparison)
{
    /// <summary>SFT's and DFT's are those of every report.</summary>
    private static readonly Dictionary<string, SeriesColor> Known = new(StringComparer.Ordinal) { ["sft"] = SeriesColor.Warm, ["dft"] = SeriesColor.Cool };

    private static readonly SeriesColor[] Others = [SeriesColor.Green, SeriesColor.Purple, SeriesColor.Gold, SeriesColor.Neutral];

    private readonly string[] unknown = [.. comparison.Experiment.Losses.Select(loss => loss.Name).Where(name => !Known.ContainsKey(name))];

    private bool IsAccuracy => comparison.Metric == ExperimentMetric.Accuracy;

    private ChartAxis Values => Axis(comparison.Metric);

    private static ChartAxis Axis(ExperimentMetric metric) => metric == ExperimentMetric.Accuracy ? new ChartAxis("right answers") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 } : new ChartAxis("held-out NLL");

    private static ChartAxis Steps => new("step") { Minimum = 0 };

    /// <summary>Each loss's best setting.</summary>
    public BarChart BestSettings() => new(
        IsAccuracy ? "Right answers of each loss at its best setting" : "Held-out NLL of each loss at its best setting", "With 95 % intervals over seeds.", Values,
        [
            .. comparison.Untrained is { } untrained && comparison.CurveMetric == comparison.Metric ? [new Bar("untrained", SeriesColor.Neutral, untrained)] : (Bar[])[],
            .. comparison.BestSettings.Select(best => new Bar(best.Setting.Loss.Name, ColorOf(best), best.Mean!.Value, best.OverSeeds?.Low, best.OverSeeds?.High)),
        ]);

    /// <summary>For each batch size with several learning rates, the metric over the learning rate.</summary>
    public IReadOnlyList<LineChart> LearningRates() =>
    [
        .. from setting in comparison.Settings
           where setting.Mean is not null
           group setting by setting.Setting.BatchSize into batch
           where batch.Select(setting => setting.Setting.LearningRate).Distinct().Count() > 1
           select LearningRates(batch.Key, [.. batch]),
    ];

    /// <summary>The learning curves of each loss at its best setting.</summary>
    public LineChart BestCurves() => Curves("Convergence of each loss at its best setting", comparison.BestSettings);

    /// <summary>For each setting that several losses have, their learning curves.</summary>
    public IReadOnlyList<LineChart> SettingCurves() =>
    [
        .. from setting in comparison.Settings
           where setting.Curve.Count > 0
           group setting by (setting.Setting.LearningRateText, setting.Setting.BatchSize) into both
           where both.Count() > 1
           select Curves(FormattableString.Invariant($"Learning rate {both.Key.LearningRateText}, batch {both.Key.BatchSize}"), [.. both]),
    ];

    /// <summary>The NLL of what is measured, while each loss trains at its best setting.</summary>
    public LineChart BestEvalNll() => new(
        IsAccuracy ? "Right solutions" : "Held-out rows", "How surprised the models are by them. Lower is better.", Steps, new ChartAxis("NLL per token") { Minimum = 0 },
        [.. comparison.BestSettings.Select(best => new LineSeries(best.Setting.Loss.Name, ColorOf(best), [.. best.Curve.Select(point => new ChartPoint(point.Step, point.EvalNll))]))]);

    /// <summary>The NLL of the training rows, while each loss trains at its best setting.</summary>
    public LineChart BestTrainingNll() => new(
        "Training rows", "How surprised the models are by what they learn from. A loss that unlearns mistakes stays high.", Steps, new ChartAxis("NLL per token") { Minimum = 0 },
        [.. comparison.BestSettings.Select(best => new LineSeries(best.Setting.Loss.Name, ColorOf(best), [.. best.Curve.Where(point => point.TrainingNll is not null).Select(point => new ChartPoint(point.Step, point.TrainingNll!.Value))]))]);

    private LineChart LearningRates(int batchSize, IReadOnlyList<SettingSummary> settings) => new(
        FormattableString.Invariant($"Learning rates, batch {batchSize}"), "After training; means over seeds, with 95 % intervals.", new ChartAxis("learning rate") { Scale = AxisScale.Logarithmic }, Values,
        [
            .. settings.GroupBy(setting => setting.Setting.Loss).Select(loss => new LineSeries(loss.Key.Name, ColorOf(loss.First()),
            [
                .. loss.OrderBy(setting => setting.Setting.LearningRate)
                    .Select(setting => new ChartPoint(setting.Setting.LearningRate, setting.Mean!.Value, setting.OverSeeds?.Low, setting.OverSeeds?.High)),
            ])),
        ]);

    private LineChart Curves(string title, IReadOnlyList<SettingSummary> settings) => new(
        title, "Means over seeds; the bands reach from the lowest to the highest seed.", Steps, Axis(comparison.CurveMetric),
        [
            .. settings.Select(setting => new LineSeries(
                setting.Setting.Loss.Name, ColorOf(setting), [.. setting.Curve.Select(point => new ChartPoint(point.Step, point.Value, point.Low, point.High))])),
        ]);

    private SeriesColor ColorOf(SettingSummary setting) =>
        Known.TryGetValue(setting.Setting.Loss.Name, out var color) ? color : Others[Array.IndexOf(unknown, setting.Setting.Loss.Name) % Others.Length];
}
