namespace DftNative.Backends;

/// <summary>
/// Where a pass takes the random bits by which it rounds bf16 gradients stochastically. With the number of the addition
/// within the pass and the element's index they are the coordinates of a counter-based generator: no two roundings of a
/// run see the same bits.
/// </summary>
/// <param name="Seed">The run's.</param>
/// <param name="Step">The optimizer step.</param>
/// <param name="Pass">The pass within the step, from 0.</param>
public readonly record struct GradientRounding(ulong Seed, int Step, int Pass);
