using System.Runtime.InteropServices;

namespace DftNative.Backends;

/// <summary>What a device finds of a row. The layout is that of kernels/sample_token.cu.</summary>
/// <param name="WeightUnits">Σ e^(z − max z) in units of 2⁻⁴⁴ over the logits as they were; 0 unless log p is kept.</param>
/// <param name="LargestLogit">max z of the logits as they were.</param>
/// <param name="Logit">The drawn token's, as it was.</param>
/// <param name="Token">The drawn token; −1 where no logit is finite or one is NaN or infinity.</param>
/// <param name="Unused">0.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenDraw(ulong WeightUnits, float LargestLogit, float Logit, int Token, int Unused)
{
    /// <summary>A weight of 1.</summary>
    public const double UnitsOfOne = 1L << 44;

    /// <summary>Of logits from which nothing can be drawn.</summary>
    public static TokenDraw NotFinite => new(0, 0, 0, -1, 0);

    /// <summary>The token and its log p.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>: there is none.</exception>
    public DrawnToken ToDrawnToken()
    {
        if (Token < 0) throw new DftNativeException(ExitCode.NonFinite, "the model's logits are not finite: its weights are damaged, or overflowed in training");
        return new DrawnToken(Token, WeightUnits == 0 ? 0 : (float)((double)Logit - LargestLogit - Math.Log(WeightUnits / UnitsOfOne)));
    }
}
