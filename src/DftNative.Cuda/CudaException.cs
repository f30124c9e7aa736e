using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A failed call of CUDA. The message names the call and the status, and for a launch the kernel, grid and block.</summary>
public class CudaException : Exception
{
    internal CudaException(string message, CUresult result = CUresult.CUDA_SUCCESS)
        : base(message) => Result = result;

    /// <summary>The driver's status; success where the failure was not the driver's.</summary>
    public CUresult Result { get; }
}
