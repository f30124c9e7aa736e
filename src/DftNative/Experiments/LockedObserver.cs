namespace DftNative.Experiments;

/// <summary>Tells an observer one thing at a time.</summary>
/// <param name="inner">Told.</param>
/// <param name="gate">Held meanwhile.</param>
internal sealed class LockedObserver(IExperimentObserver inner, object gate) : IExperimentObserver
{
    /// <inheritdoc/>
    public void OnStarted(int cellCount, int finishedCount)
    {
        lock (gate) inner.OnStarted(cellCount, finishedCount);
    }

    /// <inheritdoc/>
    public void OnCellStarted(ExperimentCell cell)
    {
        lock (gate) inner.OnCellStarted(cell);
    }

    /// <inheritdoc/>
    public void OnStep(ExperimentCell cell, int step, int stepCount)
    {
        lock (gate) inner.OnStep(cell, step, stepCount);
    }

    /// <inheritdoc/>
    public void OnCellFinished(ExperimentCell cell, CellResult result, int finishedCount)
    {
        lock (gate) inner.OnCellFinished(cell, result, finishedCount);
    }
}
