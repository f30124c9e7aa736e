using DftNative.Training;

namespace DftNative.Demo;

/// <summary>What a fine-tune of the embedded model does.</summary>
/// <param name="Name">What it is called in messages: sft, dft, or another.</param>
/// <param name="Options">Loss, learning rate, rows of a step, optimizer and schedule.</param>
/// <param name="StepCount">Optimizer steps.</param>
/// <param name="CurveInterval">Steps from one point of the learning curve to the next.</param>
/// <param name="CurveProblemCount">Problems of such a point.</param>
internal sealed record DemoFineTunePlan(string Name, TrainingOptions Options, int StepCount, int CurveInterval, int CurveProblemCount);
