namespace DftNative.Training;

/// <summary>
/// The learning rate of each optimizer step, as transformers' <c>get_scheduler</c> has it: the step that is the k-th
/// from 0 uses the factor λ(k), so that the first step of a warm-up has learning rate 0.
/// </summary>
/// <param name="Type">How it falls after the warm-up.</param>
/// <param name="PeakLearningRate">The learning rate at the warm-up's end.</param>
/// <param name="WarmupSteps">Steps of the warm-up, w: λ(k) = k/w for k &lt; w.</param>
/// <param name="TotalSteps">Steps of the run, n.</param>
public sealed record LearningRateSchedule(LearningRateScheduleType Type, double PeakLearningRate, int WarmupSteps, int TotalSteps)
{
    /// <summary>The schedule of a run; the warm-up is ⌈ratio·steps⌉ unless steps are given.</summary>
    public static LearningRateSchedule Create(TrainingOptions options, int totalSteps)
    {
        var warmupSteps = options.WarmupSteps > 0 ? options.WarmupSteps : (int)Math.Ceiling(options.ResolvedWarmupRatio * totalSteps);
        return new LearningRateSchedule(options.LearningRateScheduleType, options.LearningRate, warmupSteps, totalSteps);
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">k, from 0: steps done before.</param>
    public double At(int step)
    {
        if (step < WarmupSteps) return PeakLearningRate * step / Math.Max(1, WarmupSteps);
        var decaySteps = Math.Max(1, TotalSteps - WarmupSteps);
        var factor = Type switch
        {
            LearningRateScheduleType.Linear => Math.Max(0, (double)(TotalSteps - step) / decaySteps),
            LearningRateScheduleType.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (step - WarmupSteps) / decaySteps))),
            _ => 1,
        };
        return PeakLearningRate * factor;
    }
}
