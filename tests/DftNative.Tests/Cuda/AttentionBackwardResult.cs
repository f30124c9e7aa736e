namespace DftNative.Tests.Cuda;

/// <summary>What forward and backward wrote, in bf16 bits.</summary>
/// <param name="Output">[T, heads · headDimension].</param>
/// <param name="QueryGradient">[T, heads · headDimension].</param>
/// <param name="KeyGradient">[T, kvHeads · headDimension].</param>
/// <param name="ValueGradient">[T, kvHeads · headDimension].</param>
internal sealed record AttentionBackwardResult(ushort[] Output, ushort[] QueryGradient, ushort[] KeyGradient, ushort[] ValueGradient);
