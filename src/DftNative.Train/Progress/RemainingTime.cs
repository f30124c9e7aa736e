using DftNative.Training;

namespace DftNative.Train.Progress;

/// <summary>Estimates the time to go from the wall time of the steps so far, evaluation and saving included.</summary>
internal sealed class RemainingTime(TimeProvider time)
{
    private long startTimestamp;
    private int startStep;

    /// <summary>Begins to measure.</summary>
    public void Start(TrainingPlan plan) => (startTimestamp, startStep) = (time.GetTimestamp(), plan.StepsDone);

    /// <summary>After a step.</summary>
    public TimeSpan Estimate(int step, TrainingPlan plan) =>
        step <= startStep ? TimeSpan.Zero : time.GetElapsedTime(startTimestamp) / (step - startStep) * (plan.TotalSteps - step);
}
