namespace DftNative.Experiments;

/// <summary>Is told what a comparison does; by several threads where several runs go on at once, but one at a time.</summary>
public interface IExperimentObserver
{
    /// <summary>Before the first run.</summary>
    /// <param name="cellCount">Runs of the comparison.</param>
    /// <param name="finishedCount">Those that an earlier call has finished.</param>
    void OnStarted(int cellCount, int finishedCount);

    /// <summary>Before a run.</summary>
    void OnCellStarted(ExperimentCell cell);

    /// <summary>After a step of a run.</summary>
    void OnStep(ExperimentCell cell, int step, int stepCount);

    /// <summary>After a run.</summary>
    /// <param name="cell">The run.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="finishedCount">Runs finished so far.</param>
    void OnCellFinished(ExperimentCell cell, CellResult result, int finishedCount);
}
