namespace DftNative.Tests.Cuda;

/// <summary>The precision modes, which AdamW's operand types choose.</summary>
public enum AdamWMode
{
    /// <summary>A split fp32 master; fp32 gradients and moments.</summary>
    Exact,

    /// <summary>A split fp32 master; bf16 gradients and moments.</summary>
    Lean,

    /// <summary>bf16 alone.</summary>
    Tiny,
}
