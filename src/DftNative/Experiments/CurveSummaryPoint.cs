namespace DftNative.Experiments;

/// <summary>A point of the learning curves of a setting's runs.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Value">Mean of the curve's metric over seeds.</param>
/// <param name="Low">Its lowest value of a seed.</param>
/// <param name="High">Its highest value of a seed.</param>
/// <param name="EvalNll">Mean over seeds, as is <paramref name="TrainingNll"/>.</param>
/// <param name="TrainingNll">NLL per token of the training rows since the last point; null at step 0.</param>
public sealed record CurveSummaryPoint(int Step, double Value, double Low, double High, double EvalNll, double? TrainingNll);
