using System.Runtime.InteropServices;

namespace DftNative.Backends;

/// <summary>
/// What AdamW's elementwise update takes of a step's constants, each rounded to fp32 once: the same numbers on every
/// backend, so that fp32 updates agree to the last bit. The layout is that of kernels/adamw.cu.
/// </summary>
/// <param name="Beta1">β₁.</param>
/// <param name="OneMinusBeta1">1 − β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="OneMinusBeta2">1 − β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Decay">1 − lr·λ.</param>
/// <param name="StepSize">lr/(1 − β₁ᵗ).</param>
/// <param name="RootOfCorrection2">√(1 − β₂ᵗ).</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AdamWCoefficients(
    float Beta1, float OneMinusBeta1, float Beta2, float OneMinusBeta2, float Epsilon, float Decay, float StepSize, float RootOfCorrection2)
{
    /// <summary>The constants of a step.</summary>
    public static AdamWCoefficients Of(in AdamWArguments arguments) => new(
        arguments.Beta1, 1 - arguments.Beta1, arguments.Beta2, 1 - arguments.Beta2, arguments.Epsilon,
        Decay: (float)(1 - ((double)arguments.LearningRate * arguments.WeightDecay)),
        StepSize: (float)(arguments.LearningRate / (1 - Math.Pow(arguments.Beta1, arguments.Step))),
        RootOfCorrection2: (float)Math.Sqrt(1 - Math.Pow(arguments.Beta2, arguments.Step)));
}
