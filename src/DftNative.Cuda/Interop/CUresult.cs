namespace DftNative.Cuda.Interop;

/// <summary>
/// A status of the driver API (cuda.h 12.4). Only those that the code tells apart have a name here; the driver itself
/// names the others.
/// </summary>
public enum CUresult
{
    /// <summary>No error.</summary>
    CUDA_SUCCESS = 0,

    /// <summary>An argument is not acceptable.</summary>
    CUDA_ERROR_INVALID_VALUE = 1,

    /// <summary>Device memory is exhausted.</summary>
    CUDA_ERROR_OUT_OF_MEMORY = 2,

    /// <summary>The image holds no code for this device.</summary>
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209,

    /// <summary>A kernel touched memory that is not its own; sticky.</summary>
    CUDA_ERROR_ILLEGAL_ADDRESS = 700,

    /// <summary>A launch needs more than the device or the kernel's bounds allow.</summary>
    CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,

    /// <summary>A kernel ran too long for a device with a display; sticky.</summary>
    CUDA_ERROR_LAUNCH_TIMEOUT = 702,

    /// <summary>A kernel's assertion failed; sticky.</summary>
    CUDA_ERROR_ASSERT = 710,

    /// <summary>The first of the hardware's faults, 714 to 719; sticky.</summary>
    CUDA_ERROR_HARDWARE_STACK_ERROR = 714,

    /// <summary>A kernel faulted; sticky: every later call on the context returns it too.</summary>
    CUDA_ERROR_LAUNCH_FAILED = 719,
}
