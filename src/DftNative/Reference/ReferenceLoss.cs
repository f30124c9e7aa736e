using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Reference;

/// <summary>The loss that the reference computes: −w·log p for each target, w held constant in backward, and for asft a divergence.</summary>
public sealed record ReferenceLoss
{
    /// <summary>
    /// Which loss: w = 1 for sft, max(p^Exponent, MinWeight) for dft and asft, (1 − p)^FocalGamma for focal,
    /// (H/3)^EntropyExponent for eaft.
    /// </summary>
    public LossType Type { get; init; } = LossType.Dft;

    /// <summary>α in p^α, for dft and asft.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Floor of w, for dft and asft.</summary>
    public double MinWeight { get; init; }

    /// <summary>Whose p is in p^α, for dft and asft.</summary>
    public DftGranularity Granularity { get; init; }

    /// <summary>γ in (1 − p)^γ, for focal.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>α in (H/3)^α, for eaft.</summary>
    public double EntropyExponent { get; init; } = 1;

    /// <summary>How many tokens H is the entropy of, for eaft.</summary>
    public int EntropyTopK { get; init; } = 20;

    /// <summary>α in DFT + α·KL(π_ref ‖ π_θ), for asft.</summary>
    public double DivergenceFactor { get; init; } = 0.1;

    /// <summary>w of targets that are in <see cref="EosTokenIds"/>, whatever their p and the loss; null: they are like any other.</summary>
    public double? EosWeight { get; init; }

    /// <summary>Tokens that end a sequence.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The loss of a run.</summary>
    /// <param name="options">What the device computes.</param>
    /// <param name="configuration">The model, whose end-of-sequence tokens are added to those of the options.</param>
    public static ReferenceLoss Of(TokenLossOptions options, ModelConfiguration configuration) => new()
    {
        Type = options.LossType,
        Exponent = options.DftExponent,
        MinWeight = options.DftMinWeight,
        Granularity = options.DftGranularity,
        FocalGamma = options.FocalGamma,
        EntropyExponent = options.EaftAlpha,
        EntropyTopK = options.EaftTopK,
        DivergenceFactor = options.AsftAlpha,
        EosWeight = options.EosWeight,
        EosTokenIds = [.. configuration.EosTokenIds, .. options.TokenizerEosTokenIds],
    };

    /// <summary>w of one target, the data's factor on it not included.</summary>
    /// <param name="target">The token to be predicted.</param>
    /// <param name="logits">[vocabulary] what predicts it.</param>
    /// <param name="logProbability">log p of it, or of its response by <see cref="Granularity"/>.</param>
    /// <param name="others">1 − p, which log p no longer tells where p is near 1.</param>
    public double Weight(int target, ReadOnlySpan<double> logits, double logProbability, double others)
    {
        if (EosWeight is { } eosWeight && EosTokenIds.Contains(target)) return eosWeight;
        return Type switch
        {
            LossType.Sft => 1,
            LossType.Dft or LossType.Asft => Math.Max(Math.Exp(Exponent * logProbability), MinWeight),
            LossType.Focal => Math.Pow(others, FocalGamma),
            LossType.Eaft => Math.Pow(EntropyOfLargest(logits) / 3, EntropyExponent),
            _ => throw new ArgumentException($"The reference does not know the loss {Type}."),
        };
    }

    /// <summary>−Σ q·ln q over the largest logits, q their softmax.</summary>
    private double EntropyOfLargest(ReadOnlySpan<double> logits)
    {
        var largest = logits.ToArray().OrderDescending().Take(EntropyTopK).ToArray();
        var sum = largest.Sum(logit => Math.Exp(logit - largest[0]));
        return largest.Select(logit => Math.Exp(logit - largest[0]) / sum).Where(q => q > 0).Sum(q => -q * Math.Log(q));
    }
}
