namespace DftNative.Tests.Cuda;

/// <summary>What backward gives.</summary>
/// <param name="Query">[T, heads · headDimension].</param>
/// <param name="Key">[T, kvHeads · headDimension].</param>
/// <param name="Value">[T, kvHeads · headDimension].</param>
internal sealed record AttentionGradients(Gradient Query, Gradient Key, Gradient Value);
