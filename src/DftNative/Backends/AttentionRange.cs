using System.Runtime.InteropServices;

namespace DftNative.Backends;

/// <summary>Queries and the keys they see: query i sees the first <c>KeyCount − QueryCount + i + 1</c> keys.</summary>
/// <param name="QueryStart">First row of q.</param>
/// <param name="QueryCount">At least 1, at most KeyCount.</param>
/// <param name="KeyStart">First row of k and v.</param>
/// <param name="KeyCount">Rows of k and v.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct AttentionRange(int QueryStart, int QueryCount, int KeyStart, int KeyCount);
