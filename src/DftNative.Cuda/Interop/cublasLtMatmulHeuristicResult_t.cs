using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>What the heuristics propose (cublasLt.h 12.4): 96 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct cublasLtMatmulHeuristicResult_t
{
    /// <summary>The algorithm.</summary>
    public cublasLtMatmulAlgo_t algo;

    /// <summary>Bytes of workspace that it needs.</summary>
    public nuint workspaceSize;

    /// <summary>Whether the other fields are valid.</summary>
    public cublasStatus_t state;

    /// <summary>How often the product fills the device.</summary>
    public float wavesCount;

    /// <summary>Four words for later.</summary>
    public Reserved reserved;

    /// <summary>Four 32-bit words.</summary>
    [InlineArray(4)]
    public struct Reserved
    {
        private int data;
    }
}
