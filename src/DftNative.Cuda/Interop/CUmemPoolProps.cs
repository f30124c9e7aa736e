using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>What a pool is made of (cuda.h 12.4; what later headers add lies in the reserved bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CUmemPoolProps
{
    /// <summary>1: CU_MEM_ALLOCATION_TYPE_PINNED, the only one.</summary>
    public int allocType;

    /// <summary>0: CU_MEM_HANDLE_TYPE_NONE, for this process alone.</summary>
    public int handleTypes;

    /// <summary>The device.</summary>
    public CUmemLocation location;

    /// <summary>Of Windows; null.</summary>
    public void* win32SecurityAttributes;

    /// <summary>Bytes at most; 0 leaves it to the device.</summary>
    public nuint maxSize;

    /// <summary>Zero.</summary>
    public fixed byte reserved[56];
}
