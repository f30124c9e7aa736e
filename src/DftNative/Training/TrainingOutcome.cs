namespace DftNative.Training;

/// <summary>How a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>Every step is done.</summary>
    Completed,

    /// <summary>Asked to stop; a checkpoint holds everything.</summary>
    Interrupted,
}
