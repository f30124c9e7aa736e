namespace DftNative.Experiments;

/// <summary>A point of a run's learning curve.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Accuracy">Share of right sampled answers; null: none were sampled.</param>
/// <param name="EvalNll">NLL per token of right solutions, or of the held-out rows.</param>
/// <param name="TrainingNll">NLL per token of the training rows since the last point; null at step 0.</param>
public readonly record struct ExperimentCurvePoint(int Step, double? Accuracy, double EvalNll, double? TrainingNll);
