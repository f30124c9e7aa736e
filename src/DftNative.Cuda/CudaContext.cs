using System.Text;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// A device's primary context. What is made on it holds it, and makes it current on the thread that calls, since the
/// driver wants that; it costs a comparison where it already is. Disposed after all that was made on it.
/// </summary>
public sealed unsafe class CudaContext : IDisposable
{
    [ThreadStatic]
    private static CudaContext? current;

    private readonly CUdevice device;
    private CUcontext context;

    /// <summary>Takes a reference to the primary context of a device, and makes it current on this thread.</summary>
    /// <param name="deviceOrdinal">The device's number, from 0.</param>
    /// <exception cref="CudaLibraryNotFoundException">There is no driver.</exception>
    /// <exception cref="CudaException">The driver has no such device.</exception>
    public CudaContext(int deviceOrdinal = 0)
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuInit(0));
        CudaCheck.ThrowIfFailed(CudaDriver.cuDriverGetVersion(out var driverVersion));
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGet(out device, deviceOrdinal));
        DeviceOrdinal = deviceOrdinal;
        DriverVersion = new Version(driverVersion / 1000, driverVersion % 1000 / 10);
        DeviceName = GetDeviceName(device);
        ComputeCapability = new Version(
            Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
        MultiprocessorCount = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        LargestSharedMemoryPerBlockInBytes = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceTotalMem_v2(out var memory, device));
        TotalMemoryInBytes = (long)memory;
        CudaCheck.ThrowIfFailed(CudaDriver.cuDevicePrimaryCtxRetain(out context, device));
        CudaResources.AddContext(1);
        SetCurrent();
    }

    /// <summary>The device's number.</summary>
    public int DeviceOrdinal { get; }

    /// <summary>The device's name, such as "NVIDIA H200"; begins with "EMULATED" where it is none.</summary>
    public string DeviceName { get; }

    /// <summary>Whether the device is an imitation on the CPU, for checks and never for speed.</summary>
    public bool IsEmulated => DeviceName.StartsWith("EMULATED", StringComparison.Ordinal);

    /// <summary>9.0 for an H200.</summary>
    public Version ComputeCapability { get; }

    /// <summary>The newest CUDA that the driver knows.</summary>
    public Version DriverVersion { get; }

    /// <summary>The number of SMs.</summary>
    public int MultiprocessorCount { get; }

    /// <summary>Bytes of dynamic shared memory that a launch can ask for; above 48 KiB <see cref="CudaKernel"/> asks the driver by itself.</summary>
    public int LargestSharedMemoryPerBlockInBytes { get; }

    /// <summary>Bytes of the device's memory.</summary>
    public long TotalMemoryInBytes { get; }

    /// <summary>Makes the context that of the calling thread.</summary>
    public void SetCurrent()
    {
        if (ReferenceEquals(current, this)) return;
        ObjectDisposedException.ThrowIf(context == default, this);
        CudaCheck.ThrowIfFailed(CudaDriver.cuCtxSetCurrent(context));
        current = this;
    }

    /// <summary>Gives the reference back.</summary>
    public void Dispose()
    {
        if (context == default) return;
        context = default;
        if (ReferenceEquals(current, this))
        {
            CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuCtxSetCurrent(default));
            current = null;
        }

        CudaResources.AddContext(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuDevicePrimaryCtxRelease_v2(device));
    }

    private static string GetDeviceName(CUdevice device)
    {
        const int length = 256;
        var name = stackalloc byte[length];
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGetName(name, length, device));
        var text = new ReadOnlySpan<byte>(name, length);
        return Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
    }

    private int Attribute(CUdevice_attribute attribute)
    {
        CudaCheck.ThrowIfFailed(CudaDriver.cuDeviceGetAttribute(out var value, attribute, device));
        return value;
    }
}
