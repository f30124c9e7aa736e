using DftNative.Losses;

namespace DftNative.Evaluation.Analysis;

/// <summary>What a model says of every target of some rows.</summary>
/// <param name="LogProbabilities">[targets] log p, row after row.</param>
/// <param name="Entropies">[targets] the entropy, in nats, of the distribution that each was predicted by.</param>
/// <param name="Statistics">Sums over all of them.</param>
public sealed record ScoredTargets(float[] LogProbabilities, float[] Entropies, TokenLossStatistics Statistics)
{
    /// <summary>Mean entropy in nats.</summary>
    public double MeanEntropy => Entropies.Length == 0 ? 0 : Entropies.Average(value => (double)value);

    /// <summary>p of a target.</summary>
    public double Probability(int target) => Math.Exp(LogProbabilities[target]);

    /// <summary>The share of targets whose p is in a range, its lower end included.</summary>
    public double ShareBetween(double low, double high)
    {
        var count = 0;
        for (var i = 0; i < LogProbabilities.Length; i++)
            if (Probability(i) is var p && p >= low && p < high) count++;
        return LogProbabilities.Length == 0 ? 0 : (double)count / LogProbabilities.Length;
    }
}
