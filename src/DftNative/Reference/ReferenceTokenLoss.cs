using DftNative.Losses;

namespace DftNative.Reference;

/// <summary>
/// −w·log p in fp64 with w constant in backward (Wu et al. 2025, arXiv 2508.05629), asft's divergence from a frozen
/// model (arXiv 2509.23753), and their gradients in the logits.
/// </summary>
public static class ReferenceTokenLoss
{
    /// <summary>
    /// log p = z_y − log Σ_j exp z_j; gradient of z_j: w·(softmax_j − [j = y]) / normalizer, and for asft
    /// t·α·(softmax_j − reference softmax_j) / normalizer with the data's factor t.
    /// </summary>
    /// <param name="logits">[N, vocabulary], row-major.</param>
    /// <param name="targets">[N] token ids.</param>
    /// <param name="tokenWeights">[N] the data's factor t on each target's loss.</param>
    /// <param name="loss">w as a function of the target, its p and its logits.</param>
    /// <param name="normalizer">Targets of the whole optimizer step.</param>
    /// <param name="referenceLogits">[N, vocabulary] of the frozen model, for asft.</param>
    /// <param name="responseLogProbability">log p by <see cref="ReferenceLoss.Granularity"/> of the response that the targets are of; null: each target's own.</param>
    /// <exception cref="ArgumentOutOfRangeException">A target is outside the vocabulary.</exception>
    public static ReferenceTokenLossResult Run(
        double[] logits, int[] targets, double[] tokenWeights, ReferenceLoss loss, double normalizer, double[]? referenceLogits = null,
        double? responseLogProbability = null)
    {
        if (loss.Type == LossType.Asft && referenceLogits is null) throw new ArgumentException("asft needs a frozen model's logits.", nameof(referenceLogits));
        var vocabulary = targets.Length == 0 ? 0 : logits.Length / targets.Length;
        var result = new ReferenceTokenLossResult(
            new double[targets.Length], new double[targets.Length], new double[targets.Length], new bool[targets.Length], new double[logits.Length]);
        foreach (var target in targets) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)vocabulary, nameof(targets));
        ReferenceMath.ForEach(targets.Length, 8L * vocabulary, row =>
        {
            var target = targets[row];
            var z = logits.AsSpan(row * vocabulary, vocabulary);
            var gradient = result.LogitGradients.AsSpan(row * vocabulary, vocabulary);
            var logSumExp = LogSumExp(z);
            // The target's softmax − 1 is minus the sum of the others, which loses no digits where p is near 1.
            var others = 0.0;
            for (var j = 0; j < vocabulary; j++)
                if (j != target) others += Math.Exp(z[j] - logSumExp);
            var logProbability = z[target] - logSumExp;
            var weight = tokenWeights[row] * loss.Weight(target, z, responseLogProbability ?? logProbability, others);
            for (var j = 0; j < vocabulary; j++) gradient[j] = weight * Math.Exp(z[j] - logSumExp) / normalizer;
            gradient[target] = -weight * others / normalizer;
            result.LogProbabilities[row] = logProbability;
            result.Weights[row] = weight;
            result.IsCorrect[row] = ArgMax(z) == target;
            if (loss.Type != LossType.Asft) return;
            var factor = tokenWeights[row] * loss.DivergenceFactor;
            result.Penalties[row] = factor * AddDivergence(z, referenceLogits.AsSpan(row * vocabulary, vocabulary), factor / normalizer, gradient);
        });
        return result;
    }

    /// <summary>KL(reference ‖ softmax); adds its gradient in the logits, scaled.</summary>
    private static double AddDivergence(ReadOnlySpan<double> logits, ReadOnlySpan<double> referenceLogits, double scale, Span<double> gradient)
    {
        var (logSumExp, referenceLogSumExp, divergence) = (LogSumExp(logits), LogSumExp(referenceLogits), 0.0);
        for (var j = 0; j < logits.Length; j++)
        {
            var (logP, logReference) = (logits[j] - logSumExp, referenceLogits[j] - referenceLogSumExp);
            divergence += Math.Exp(logReference) * (logReference - logP);
            gradient[j] += scale * (Math.Exp(logP) - Math.Exp(logReference));
        }

        return divergence;
    }

    private static double LogSumExp(ReadOnlySpan<double> values)
    {
        var (max, sum) = (values[ArgMax(values)], 0.0);
        foreach (var value in values) sum += Math.Exp(value - max);
        return max + Math.Log(sum);
    }

    private static int ArgMax(ReadOnlySpan<double> values)
    {
        var result = 0;
        for (var j = 1; j < values.Length; j++)
            if (values[j] > values[result]) result = j;
        return result;
    }
}
