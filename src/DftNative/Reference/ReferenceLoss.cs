using DftNative.Losses;

namespace DftNative.Reference;

/// <summary>The loss that the reference computes: −w·log p for each target, w held constant in backward.</summary>
public sealed record ReferenceLoss
{
    /// <summary>Which loss: w = 1 for sft, w = max(p^Exponent, MinWeight) for dft, w = (1 − p)^FocalGamma for focal.</summary>
    public LossType Type { get; init; } = LossType.Dft;

    /// <summary>α in p^α, for dft.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Floor of w, for dft.</summary>
    public double MinWeight { get; init; }

    /// <summary>γ in (1 − p)^γ, for focal.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>w of targets that are in <see cref="EosTokenIds"/>, whatever their p and the loss; null: they are like any other.</summary>
    public double? EosWeight { get; init; }

    /// <summary>Tokens that end a sequence.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>w of one target, the data's factor on it not included.</summary>
    /// <param name="target">The token to be predicted.</param>
    /// <param name="logProbability">log p of it.</param>
    /// <param name="others">1 − p, which log p no longer tells where p is near 1.</param>
    public double Weight(int target, double logProbability, double others)
    {
        if (EosWeight is { } eosWeight && EosTokenIds.Contains(target)) return eosWeight;
        return Type switch
        {
            LossType.Sft => 1,
            LossType.Dft => Math.Max(Math.Exp(Exponent * logProbability), MinWeight),
            LossType.Focal => Math.Pow(others, FocalGamma),
            _ => throw new ArgumentException($"The reference does not know the loss {Type}."),
        };
    }
}
