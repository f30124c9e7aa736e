namespace DftNative.Reference;

/// <summary>What <see cref="ReferenceTokenLoss"/> computes for N targets.</summary>
/// <param name="LogProbabilities">[N] log p of each target.</param>
/// <param name="Weights">[N] the factor on each −log p, the data's factor included.</param>
/// <param name="Penalties">[N] what is added to each target's loss: the data's factor times α·KL(π_ref ‖ π_θ), or 0.</param>
/// <param name="IsCorrect">[N] whether the target is the arg max of its logits, the lowest index where several are greatest.</param>
/// <param name="LogitGradients">[N, vocabulary] w·(softmax − one-hot) / normalizer, and the penalties' gradient.</param>
public sealed record ReferenceTokenLossResult(double[] LogProbabilities, double[] Weights, double[] Penalties, bool[] IsCorrect, double[] LogitGradients);
