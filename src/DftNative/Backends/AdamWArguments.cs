namespace DftNative.Backends;

/// <summary>
/// One AdamW update of a contiguous part of the parameter arena, as PyTorch writes it:
/// p ← p·(1 − lr·λ); m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε), where g is
/// the gradient times the clip factor that <see cref="IBackend.GradientNorm"/> left on the device. Where that norm is
/// not finite nothing changes. p is fp32, or bf16 completed to an exact fp32 by MasterLow, or bf16 alone, rounded
/// stochastically; likewise m and v are fp32, or bf16 rounded stochastically.
/// </summary>
/// <param name="Parameters">[n] compute type, updated.</param>
/// <param name="MasterLow">[n] int16: what bf16 parameters lack to the fp32 master, master = (Parameters &lt;&lt; 16) + MasterLow, updated; empty: Parameters are all there is.</param>
/// <param name="Gradients">[n] fp32 or bf16, before clipping.</param>
/// <param name="FirstMoment">[n] m, updated.</param>
/// <param name="SecondMoment">[n] v, updated.</param>
/// <param name="NormAndClip">[2] fp32: the global norm and the clip factor, read on the device.</param>
/// <param name="Step">t, from 1.</param>
/// <param name="LearningRate">lr of this step.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ; 0 for excluded parameters.</param>
/// <param name="Seed">The run's seed: with Step and an element's index in the arena it gives the random bits of stochastic rounding.</param>
/// <param name="ArenaOffset">The index of the first element in the arena.</param>
public readonly record struct AdamWArguments(
    Vector Parameters, Vector MasterLow, Vector Gradients, Vector FirstMoment, Vector SecondMoment, Vector NormAndClip,
    int Step, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, ulong Seed, long ArenaOffset);
