using System.Runtime.CompilerServices;

namespace DftNative.Cuda.Interop;

/// <summary>An algorithm with its configuration (cublasLt.h 12.4): 64 bytes that only the library reads.</summary>
[InlineArray(Words)]
public struct cublasLtMatmulAlgo_t
{
    /// <summary>The number of 64-bit words.</summary>
    public const int Words = 8;

    private ulong data;
}
