using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>Logits with targets, and what fp64 makes of them.</summary>
internal sealed class TokenLossProblem
{
    /// <summary>Random logits; every third row is sure of its target, every third finds it unlikely.</summary>
    public TokenLossProblem(int rows, int vocabulary, TokenWeighting weighting)
        : this(RandomLogits(rows, vocabulary), RandomTargets(rows, vocabulary), vocabulary, weighting)
    {
    }

    /// <summary>Given logits; each is an fp32 number.</summary>
    public TokenLossProblem(double[] logits, int[] targets, int vocabulary, TokenWeighting weighting)
    {
        (Logits, Targets, Vocabulary, Weighting) = (logits, targets, vocabulary, weighting);
        Rows = targets.Length;
        // Where a weight is static is no function of the target or of how sure a row is.
        StaticWeights = [.. Enumerable.Range(0, Rows).Select(row => 0.5 + (row % 5))];
        IsStatic = [.. Enumerable.Range(0, Rows).Select(row => row % 4 == 3 ? 1 : 0)];
        LogProbabilities = new double[Rows];
        Weights = new double[Rows];
        Losses = new double[Rows];
        Correct = new double[Rows];
        Gradients = new double[logits.Length];
        for (var row = 0; row < Rows; row++) Evaluate(row);
    }

    public float Scale { get; } = 0.037f;

    public int Rows { get; }

    public int Vocabulary { get; }

    public TokenWeighting Weighting { get; }

    public double[] Logits { get; }

    public int[] Targets { get; }

    public double[] StaticWeights { get; }

    public int[] IsStatic { get; }

    public double[] LogProbabilities { get; }

    /// <summary>w of each row, the static factor included.</summary>
    public double[] Weights { get; }

    public double[] Losses { get; }

    public double[] Correct { get; }

    public double[] Gradients { get; }

    /// <summary>What kernels/token_loss.cu promises of log p.</summary>
    public double LogProbabilityBound(int row)
    {
        var threads = Math.Min(1024, (Vocabulary + 255) / 256 * 32);
        return (((3.0 * Vocabulary / threads) + 64) * Math.ScaleB(1, -24)) + (Math.ScaleB(1, -21) * Math.Abs(LogProbabilities[row]));
    }

    /// <summary>How far w can be off where log p is within its bound.</summary>
    public double WeightBound(int row)
    {
        var (logProbability, bound) = (LogProbabilities[row], LogProbabilityBound(row));
        double[] ends = [Math.Min(0, logProbability + bound), logProbability - bound];
        return ends.Max(end => Math.Abs(Weight(row, end, 1 - Math.Exp(end)) - Weights[row]));
    }

    private double Weight(int row, double logProbability, double others)
    {
        if (IsStatic[row] != 0) return StaticWeights[row];
        var power = Weighting.Exponent == 0 ? 1 : Math.Max(Math.Exp(Weighting.Exponent * logProbability), Weighting.MinWeight);
        return StaticWeights[row] * power * Math.Pow(others, Weighting.FocalGamma);
    }

    private void Evaluate(int row)
    {
        var logits = Logits.AsSpan(row * Vocabulary, Vocabulary);
        var gradients = Gradients.AsSpan(row * Vocabulary, Vocabulary);
        var maximum = double.NegativeInfinity;
        foreach (var logit in logits) maximum = Math.Max(maximum, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - maximum);
        var target = Targets[row];
        var logProbability = logits[target] - maximum - Math.Log(sum);
        var others = 0.0;
        for (var j = 0; j < Vocabulary; j++)
            if (j != target) others += Math.Exp(logits[j] - maximum) / sum;
        var weight = Weight(row, logProbability, others);
        for (var j = 0; j < Vocabulary; j++) gradients[j] = Scale * weight * Math.Exp(logits[j] - maximum) / sum;
        gradients[target] = -Scale * weight * others;
        LogProbabilities[row] = logProbability;
        Weights[row] = weight;
        Losses[row] = -weight * logProbability;
        Correct[row] = logits[target] >= maximum ? 1 : 0;
    }

    private static double[] RandomLogits(int rows, int vocabulary)
    {
        var logits = CudaBackendFixture.Normal((rows * 7919) + vocabulary, rows * vocabulary, 3);
        var targets = RandomTargets(rows, vocabulary);
        for (var i = 0; i < logits.Length; i++) logits[i] = (float)(logits[i] + (20 * Math.Sin(i)) - 40);
        for (var row = 0; row < rows; row++)
        {
            if (row % 3 == 1) logits[(row * vocabulary) + targets[row]] = 2;
            if (row % 3 == 2) logits[(row * vocabulary) + targets[row]] = -80;
        }

        return logits;
    }

    /// <summary>The first, the last and others: targets in every part of a row.</summary>
    private static int[] RandomTargets(int rows, int vocabulary)
    {
        var random = new Random(vocabulary);
        return [.. Enumerable.Range(0, rows).Select(row => row switch
        {
            0 => vocabulary - 1,
            1 => 0,
            2 => vocabulary / 2,
            _ => random.Next(vocabulary),
        })];
    }
}
