namespace DftNative.Reference;

/// <summary>What <see cref="ReferenceTokenLoss"/> computes for N targets.</summary>
/// <param name="LogProbabilities">[N] log p of each target.</param>
/// <param name="Weights">[N] the factor on each −log p, the data's factor included.</param>
/// <param name="IsCorrect">[N] whether the target is the arg max of its logits, the lowest index where several are greatest.</param>
/// <param name="LogitGradients">[N, vocabulary] w·(softmax − one-hot) / normalizer.</param>
public sealed record ReferenceTokenLossResult(double[] LogProbabilities, double[] Weights, bool[] IsCorrect, double[] LogitGradients);
