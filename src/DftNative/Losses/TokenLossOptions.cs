namespace DftNative.Losses;

/// <summary>The loss of a run; docs/losses.md has the formulas.</summary>
public sealed record TokenLossOptions
{
    /// <summary>Which loss.</summary>
    public LossType LossType { get; init; } = LossType.Dft;

    /// <summary>α in w = p^α, for <see cref="LossType.Dft"/> and <see cref="LossType.Asft"/>; 0 is cross-entropy.</summary>
    public float DftExponent { get; init; } = 1;

    /// <summary>Floor of w, for <see cref="LossType.Dft"/> and <see cref="LossType.Asft"/>.</summary>
    public float DftMinWeight { get; init; }

    /// <summary>Whose p is in w, for <see cref="LossType.Dft"/> and <see cref="LossType.Asft"/>.</summary>
    public DftGranularity DftGranularity { get; init; }

    /// <summary>γ in w = (1 − p)^γ, for <see cref="LossType.Focal"/>.</summary>
    public float FocalGamma { get; init; } = 2;

    /// <summary>α in w = (H/3)^α, for <see cref="LossType.Eaft"/>.</summary>
    public float EaftAlpha { get; init; } = 1;

    /// <summary>The number of most likely tokens whose entropy is H, for <see cref="LossType.Eaft"/>.</summary>
    public int EaftTopK { get; init; } = 20;

    /// <summary>α in DFT + α·KL(π_ref ‖ π_θ), for <see cref="LossType.Asft"/>.</summary>
    public float AsftAlpha { get; init; } = 0.1f;

    /// <summary>Static weight of targets that end a sequence, in place of w; null: they are weighted like any other.</summary>
    public float? EosWeight { get; init; }

    /// <summary>Tokens that end a sequence beside those that config.json names: the tokenizer's and generation_config.json's.</summary>
    public IReadOnlyList<int> TokenizerEosTokenIds { get; init; } = [];

    /// <summary>How a target is weighted, and what is added.</summary>
    public TokenWeighting Weighting => LossType switch
    {
        LossType.Sft => TokenWeighting.Sft,
        LossType.Dft => DftWeighting,
        LossType.Focal => TokenWeighting.Focal(FocalGamma),
        LossType.Eaft => TokenWeighting.Sft with { EntropyTopK = EaftTopK, EntropyExponent = EaftAlpha },
        LossType.Asft => DftWeighting with { DivergenceFactor = AsftAlpha },
        _ => throw new InvalidOperationException($"there is no loss {LossType}"),
    };

    private TokenWeighting DftWeighting => new(DftExponent, DftMinWeight) { Granularity = DftGranularity };
}
