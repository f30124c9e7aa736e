using DftNative.Backends;

namespace DftNative.Models;

/// <summary>
/// The weights that an optimizer updates, as a device holds them: fp32 alone, or bf16, which is what forward and backward
/// read, completed by 16 low bits to an exact fp32 (bits = (Weights &lt;&lt; 16) + Low; the bf16 part is the fp32 rounded to
/// nearest, ties away from zero), or bf16 alone.
/// </summary>
/// <param name="Weights">[n] fp32 or bf16.</param>
/// <param name="Low">[n] int16; empty: the weights are all there is.</param>
public readonly record struct MasterWeights(Vector Weights, Vector Low = default)
{
    /// <summary>Whether every bit of the master survives in a file of that type.</summary>
    internal bool FitsIn(DataType fileType) =>
        fileType == DataType.Float32 || (fileType == DataType.BFloat16 && Weights.DataType == DataType.BFloat16 && Low.IsEmpty);
}
