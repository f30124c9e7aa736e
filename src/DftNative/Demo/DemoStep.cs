using DftNative.Losses;

namespace DftNative.Demo;

/// <summary>An optimizer step of a demo's fine-tune.</summary>
/// <param name="Model">sft or dft.</param>
/// <param name="Step">From 1.</param>
/// <param name="StepCount">Steps of the fine-tune.</param>
/// <param name="Statistics">Over the step's targets, from before the update.</param>
/// <param name="TokenCount">Real tokens of the step.</param>
/// <param name="ElapsedSeconds">Of the step.</param>
public sealed record DemoStep(string Model, int Step, int StepCount, TokenLossStatistics Statistics, long TokenCount, double ElapsedSeconds);
