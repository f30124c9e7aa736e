namespace DftNative.Reference;

/// <summary>−w·log p in fp64 with w constant in backward (Wu et al. 2025, arXiv 2508.05629), and its gradient in the logits.</summary>
public static class ReferenceTokenLoss
{
    /// <summary>log p = z_y − log Σ_j exp z_j; gradient of z_j: w·(softmax_j − [j = y]) / normalizer.</summary>
    /// <param name="logits">[N, vocabulary], row-major.</param>
    /// <param name="targets">[N] token ids.</param>
    /// <param name="tokenWeights">[N] the data's factor on each target's loss.</param>
    /// <param name="loss">w as a function of the target and its p.</param>
    /// <param name="normalizer">Targets of the whole optimizer step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A target is outside the vocabulary.</exception>
    public static ReferenceTokenLossResult Run(double[] logits, int[] targets, double[] tokenWeights, ReferenceLoss loss, double normalizer)
    {
        var vocabulary = targets.Length == 0 ? 0 : logits.Length / targets.Length;
        var result = new ReferenceTokenLossResult(
            new double[targets.Length], new double[targets.Length], new bool[targets.Length], new double[logits.Length]);
        foreach (var target in targets) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)vocabulary, nameof(targets));
        ReferenceMath.ForEach(targets.Length, 8L * vocabulary, row =>
        {
            var target = targets[row];
            var z = logits.AsSpan(row * vocabulary, vocabulary);
            var gradient = result.LogitGradients.AsSpan(row * vocabulary, vocabulary);
            var argMax = 0;
            for (var j = 1; j < vocabulary; j++)
                if (z[j] > z[argMax]) argMax = j;
            var sum = 0.0;
            for (var j = 0; j < vocabulary; j++) sum += Math.Exp(z[j] - z[argMax]);
            var logSumExp = z[argMax] + Math.Log(sum);
            // The target's softmax − 1 is minus the sum of the others, which loses no digits where p is near 1.
            var others = 0.0;
            for (var j = 0; j < vocabulary; j++)
                if (j != target) others += Math.Exp(z[j] - logSumExp);
            var weight = tokenWeights[row] * loss.Weight(target, z[target] - logSumExp, others);
            for (var j = 0; j < vocabulary; j++) gradient[j] = weight * Math.Exp(z[j] - logSumExp) / normalizer;
            gradient[target] = -weight * others / normalizer;
            result.LogProbabilities[row] = z[target] - logSumExp;
            result.Weights[row] = weight;
            result.IsCorrect[row] = argMax == target;
        });
        return result;
    }
}
