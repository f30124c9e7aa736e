using System.Text;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>The driver before there is a context: it is initialised and asked for its devices, and a failure says what to do.</summary>
internal static unsafe class CudaSystem
{
    /// <summary>Initialises the driver; the newest CUDA that it knows.</summary>
    /// <exception cref="CudaException">It sees no GPU, or is older than <see cref="CudaCompatibility.OldestDriver"/>.</exception>
    public static Version Initialize()
    {
        var version = GetDriverVersion();
        // Before anything else of it is called: a driver too old has not all the functions.
        if (CudaCompatibility.ProblemOfDriver(version) is { } problem) throw new CudaException(problem);
        var result = CudaDriver.cuInit(0);
        if (result != CUresult.CUDA_SUCCESS)
            throw new CudaException($"cuInit failed with {CudaCheck.Describe(result)}{Remedy(result)}", result);
        return version;
    }

    /// <summary>The newest CUDA that the driver knows. Needs no initialisation.</summary>
    public static Version GetDriverVersion()
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuDriverGetVersion(out var number));
        return new Version(number / 1000, number % 1000 / 10);
    }

    /// <summary>The number of devices.</summary>
    public static int GetDeviceCount()
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGetCount(out var count));
        return count;
    }

    /// <summary>A device.</summary>
    /// <exception cref="CudaException">It is not there.</exception>
    public static CUdevice GetDevice(int ordinal)
    {
        var result = CudaDriver.cuDeviceGet(out var device, ordinal);
        if (result == CUresult.CUDA_ERROR_INVALID_DEVICE)
        {
            throw new CudaException(
                $"there is no CUDA device {ordinal}: the driver sees {GetDeviceCount()}, counted from 0 ({CudaCheck.Describe(result)})", result);
        }

        CudaCheck.ThrowIfFailed(result, nameof(CudaDriver.cuDeviceGet));
        return device;
    }

    /// <summary>A device's name.</summary>
    public static string GetName(CUdevice device)
    {
        const int length = 256;
        var name = stackalloc byte[length];
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGetName(name, length, device));
        var text = new ReadOnlySpan<byte>(name, length);
        return Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
    }

    /// <summary>A number about a device.</summary>
    public static int GetAttribute(CUdevice_attribute attribute, CUdevice device)
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGetAttribute(out var value, attribute, device));
        return value;
    }

    /// <summary>A device's compute capability.</summary>
    public static Version GetComputeCapability(CUdevice device) => new(
        GetAttribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
        GetAttribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device));

    /// <summary>Bytes of a device's memory.</summary>
    public static long GetTotalMemoryInBytes(CUdevice device)
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceTotalMem_v2(out var memory, device));
        return (long)memory;
    }

    private static string Remedy(CUresult result) => result switch
    {
        CUresult.CUDA_ERROR_NO_DEVICE =>
            "; no NVIDIA GPU is visible: look at nvidia-smi and at CUDA_VISIBLE_DEVICES, and give a container its GPUs",
        CUresult.CUDA_ERROR_STUB_LIBRARY =>
            "; the libcuda.so.1 that was found is the toolkit's stub: take its folder off LD_LIBRARY_PATH, and install the GPU's driver",
        CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH =>
            "; the driver was updated while its kernel module was loaded: reboot",
        CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE =>
            "; take the folder of cuda-compat off the loader's path: it serves data-centre GPUs alone",
        _ => "",
    };
}
