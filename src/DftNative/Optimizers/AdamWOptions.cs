namespace DftNative.Optimizers;

/// <summary>AdamW's constants (Loshchilov and Hutter 2019); the defaults are the DFT paper's.</summary>
public sealed record AdamWOptions
{
    /// <summary>β₁.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>β₂.</summary>
    public float Beta2 { get; init; } = 0.95f;

    /// <summary>ε, added to √v̂.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay.</summary>
    public float WeightDecay { get; init; } = 0.01f;
}
