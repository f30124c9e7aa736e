using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>Where memory lies (cuda.h 12.4).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CUmemLocation
{
    /// <summary>1: CU_MEM_LOCATION_TYPE_DEVICE.</summary>
    public int type;

    /// <summary>The device's ordinal.</summary>
    public int id;
}
