using System.Diagnostics;
using DftNative.Experiments;

namespace DftNative.Train.Progress;

/// <summary>A comparison's progress as a line for each run.</summary>
/// <param name="output">Written to.</param>
internal sealed class PlainCompareProgress(TextWriter output) : IExperimentObserver
{
    private readonly Dictionary<string, long> starts = [];
    private int cellCount;

    /// <inheritdoc/>
    public void OnStarted(int cellCount, int finishedCount)
    {
        this.cellCount = cellCount;
        WriteLine(finishedCount == 0 ? $"{cellCount} runs" : $"{cellCount} runs, {finishedCount} of them finished before");
    }

    /// <inheritdoc/>
    public void OnCellStarted(ExperimentCell cell) => starts[cell.Name] = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void OnStep(ExperimentCell cell, int step, int stepCount) { }

    /// <inheritdoc/>
    public void OnCellFinished(ExperimentCell cell, CellResult result, int finishedCount)
    {
        var outcome = result.Failure is { } failure ? $"failed: {failure}"
            : result.Accuracy is { } accuracy ? FormattableString.Invariant($"accuracy {accuracy * 100:F1} %, NLL {result.EvalNll:F4}")
            : FormattableString.Invariant($"NLL {result.EvalNll:F4}");
        WriteLine(FormattableString.Invariant($"[{finishedCount}/{cellCount}] {cell}: {outcome} ({Stopwatch.GetElapsedTime(starts[cell.Name]).TotalSeconds:F0} s)"));
    }

    private void WriteLine(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }
}
