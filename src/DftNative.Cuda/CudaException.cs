using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A failed call of CUDA. The message names the call and the status, and for a launch the kernel, grid and block.</summary>
public class CudaException : Exception
{
    internal CudaException(string message, CUresult result = CUresult.CUDA_SUCCESS)
        : base(message) => Result = result;

    /// <summary>
    /// Whether the device's context is lost: a kernel faulted, and every later call gives the same status until the process
    /// ends.
    /// </summary>
    public bool IsContextLost => CudaCheck.IsContextLost(Result);

    /// <summary>The driver's status; success where the failure was not the driver's.</summary>
    public CUresult Result { get; }
}
