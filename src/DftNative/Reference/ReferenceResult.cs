namespace DftNative.Reference;

/// <summary>What the reference computes for the rows of one optimizer step. Targets are in the order of the rows, ascending within a row.</summary>
/// <param name="LogProbabilities">[targets] log p.</param>
/// <param name="Weights">[targets] the factor on each −log p, token weights included.</param>
/// <param name="Penalties">[targets] what is added to each target's loss: asft's divergence times its factors; else 0.</param>
/// <param name="CorrectCount">Targets that are the arg max of their logits.</param>
/// <param name="Gradients">∂ Loss / ∂ parameter with the weights held constant, by Hugging Face name, in the checkpoint's shape.</param>
public sealed record ReferenceResult(
    double[] LogProbabilities, double[] Weights, double[] Penalties, int CorrectCount, IReadOnlyDictionary<string, double[]> Gradients)
{
    /// <summary>The number of trained targets, which every mean here is over; where it is 0 the means are 0.</summary>
    public int TokenCount => LogProbabilities.Length;

    /// <summary>Mean of −w·log p and the penalty: divided by the number of targets, never by the sum of the weights.</summary>
    public double Loss => Mean(target => (-Weights[target] * LogProbabilities[target]) + Penalties[target]);

    /// <summary>Mean of −log p.</summary>
    public double NegativeLogLikelihood => Mean(target => -LogProbabilities[target]);

    /// <summary>Mean of p.</summary>
    public double MeanTokenProbability => Mean(target => Math.Exp(LogProbabilities[target]));

    /// <summary>Share of targets that are the arg max.</summary>
    public double TokenAccuracy => TokenCount == 0 ? 0 : (double)CorrectCount / TokenCount;

    private double Mean(Func<int, double> value)
    {
        var sum = 0.0;
        for (var target = 0; target < TokenCount; target++) sum += value(target);
        return TokenCount == 0 ? 0 : sum / TokenCount;
    }
}
