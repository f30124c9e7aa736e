namespace DftNative.Cuda.Interop;

/// <summary>An element type (library_types.h 12.4), as far as it is used here.</summary>
public enum cudaDataType
{
    /// <summary>IEEE 754 binary32.</summary>
    CUDA_R_32F = 0,

    /// <summary>bfloat16.</summary>
    CUDA_R_16BF = 14,
}
