using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// A device's primary context. What is made on it holds it, and makes it current on the thread that calls, since the
/// driver wants that; it costs a comparison where it already is. Disposed after all that was made on it.
/// </summary>
public sealed class CudaContext : IDisposable
{
    [ThreadStatic]
    private static CudaContext? current;

    private readonly CUdevice device;
    private CUcontext context;

    /// <summary>Takes a reference to the primary context of a device, and makes it current on this thread.</summary>
    /// <param name="deviceOrdinal">The device's number, from 0.</param>
    /// <exception cref="CudaLibraryNotFoundException">There is no driver.</exception>
    /// <exception cref="CudaException">The driver is too old, or has no such device.</exception>
    public CudaContext(int deviceOrdinal = 0)
    {
        DriverVersion = CudaSystem.Initialize();
        device = CudaSystem.GetDevice(deviceOrdinal);
        DeviceOrdinal = deviceOrdinal;
        DeviceName = CudaSystem.GetName(device);
        ComputeCapability = CudaSystem.GetComputeCapability(device);
        MultiprocessorCount = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        L2CacheSizeInBytes = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
        SharedMemoryPerMultiprocessorInBytes = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
        LargestSharedMemoryPerBlockInBytes = Attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        TotalMemoryInBytes = CudaSystem.GetTotalMemoryInBytes(device);
        CudaCheck.ThrowIfFailed(CudaDriver.cuDevicePrimaryCtxRetain(out context, device));
        CudaResources.AddContext(1);
        try
        {
            SetCurrent();
        }
        catch
        {
            Dispose();
            throw;
        }
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

    /// <summary>Bytes of the L2 cache.</summary>
    public int L2CacheSizeInBytes { get; }

    /// <summary>Bytes of shared memory that the blocks of an SM share.</summary>
    public int SharedMemoryPerMultiprocessorInBytes { get; }

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

    /// <summary>Asks the driver how much of the device's memory nobody uses, this or another process.</summary>
    public long GetFreeMemoryInBytes()
    {
        SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemGetInfo_v2(out var free, out _));
        return (long)free;
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

    private int Attribute(CUdevice_attribute attribute) => CudaSystem.GetAttribute(attribute, device);
}
