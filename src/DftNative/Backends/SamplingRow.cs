using System.Runtime.InteropServices;

namespace DftNative.Backends;

/// <summary>What a row's next token is drawn by, beside its logits. The layout is that of kernels/sample_token.cu.</summary>
/// <param name="Random">64 random bits: the place in the distribution, as a fraction of 2⁶⁴.</param>
/// <param name="EarlierStart">Where the row's part of the earlier tokens begins.</param>
/// <param name="EarlierCount">How many they are.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SamplingRow(ulong Random, int EarlierStart, int EarlierCount);
