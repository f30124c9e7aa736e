namespace DftNative.Training;

/// <summary>The end of a run.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="StepsDone">Optimizer steps since step 1, earlier parts of a resumed run included.</param>
/// <param name="CheckpointDirectory">The newest checkpoint; null: none was written.</param>
/// <param name="FinalDirectory">Where the result is; null: not written.</param>
/// <param name="FinalStep">The step that the result is from: the last, or the best.</param>
/// <param name="SkippedSteps">Those of <paramref name="StepsDone"/> whose update was left out because a number was not finite.</param>
public sealed record TrainingResult(
    TrainingOutcome Outcome, int StepsDone, string? CheckpointDirectory, string? FinalDirectory, int FinalStep, int SkippedSteps = 0)
{
    /// <summary>Where a step's time went, in the mean; null: <c>profile</c> was not asked for, or no step came after the first.</summary>
    public StepProfile? Profile { get; init; }

    /// <summary>Steps in that mean.</summary>
    public int ProfiledSteps { get; init; }
}
