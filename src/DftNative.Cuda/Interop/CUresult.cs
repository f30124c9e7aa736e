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

    /// <summary>The library is the toolkit's stub, which is there to link with.</summary>
    CUDA_ERROR_STUB_LIBRARY = 34,

    /// <summary>The driver sees no GPU.</summary>
    CUDA_ERROR_NO_DEVICE = 100,

    /// <summary>There is no such device.</summary>
    CUDA_ERROR_INVALID_DEVICE = 101,

    /// <summary>The image holds no code for this device.</summary>
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209,

    /// <summary>A handle is not one, or not of an event that was recorded.</summary>
    CUDA_ERROR_INVALID_HANDLE = 400,

    /// <summary>What was asked about has not happened yet; no error.</summary>
    CUDA_ERROR_NOT_READY = 600,

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

    /// <summary>The driver library and the kernel module are of different versions.</summary>
    CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,

    /// <summary>The forward-compatibility library does not serve this GPU.</summary>
    CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804,
}
