namespace DftNative.Losses;

/// <summary>The loss of a run.</summary>
public sealed record TokenLossOptions
{
    /// <summary>Which loss.</summary>
    public LossType LossType { get; init; } = LossType.Dft;

    /// <summary>α in w = p^α, for <see cref="LossType.Dft"/>; 0 is cross-entropy.</summary>
    public float DftExponent { get; init; } = 1;

    /// <summary>Floor of w, for <see cref="LossType.Dft"/>.</summary>
    public float DftMinWeight { get; init; }

    /// <summary>γ in w = (1 − p)^γ, for <see cref="LossType.Focal"/>.</summary>
    public float FocalGamma { get; init; } = 2;

    /// <summary>Static weight of targets that end a sequence, in place of w(p); null: they are weighted like any other.</summary>
    public float? EosWeight { get; init; }

    /// <summary>Tokens that end a sequence beside those that config.json names: the tokenizer's and generation_config.json's.</summary>
    public IReadOnlyList<int> TokenizerEosTokenIds { get; init; } = [];

    /// <summary>w as a function of p.</summary>
    public TokenWeighting Weighting => LossType switch
    {
        LossType.Sft => TokenWeighting.Sft,
        LossType.Dft => new TokenWeighting(DftExponent, DftMinWeight),
        LossType.Focal => TokenWeighting.Focal(FocalGamma),
        _ => throw new InvalidOperationException($"loss {LossType} has no weighting"),
    };
}
