using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>
/// The CUDA driver API under its own names, as cuda.h 12.4 declares them (<c>_v2</c> where that header maps a name to
/// it). Nothing is checked here: <see cref="CudaCheck"/> does. Streams order what ends in Async.
/// </summary>
public static unsafe partial class CudaDriver
{
    static CudaDriver() => CudaLibraryResolver.Register();

    /// <summary>Before everything else.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuInit(uint flags);

    /// <summary>1000·major + 10·minor of the newest CUDA that the driver knows.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDriverGetVersion(out int driverVersion);

    /// <summary>A static string: the status's name.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuGetErrorName(CUresult error, out byte* name);

    /// <summary>A static string: the status in words.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuGetErrorString(CUresult error, out byte* text);

    /// <summary>The number of devices.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDeviceGetCount(out int count);

    /// <summary>The device of that ordinal.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDeviceGet(out CUdevice device, int ordinal);

    /// <summary>Writes the device's name, zero-terminated.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDeviceGetName(byte* name, int length, CUdevice device);

    /// <summary>A number about the device.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDeviceGetAttribute(out int value, CUdevice_attribute attribute, CUdevice device);

    /// <summary>Bytes of the device's memory.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDeviceTotalMem_v2(out nuint bytes, CUdevice device);

    /// <summary>Takes a reference to the device's primary context, made on the first.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDevicePrimaryCtxRetain(out CUcontext context, CUdevice device);

    /// <summary>Gives the reference back; the last one ends the context.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device);

    /// <summary>Makes a context that of the calling thread.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuCtxSetCurrent(CUcontext context);

    /// <summary>Waits for everything on the context.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuCtxSynchronize();

    /// <summary>Allocates device memory, aligned to 256 bytes.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemAlloc_v2(out CUdeviceptr address, nuint sizeInBytes);

    /// <summary>Frees device memory, after waiting for the device.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemFree_v2(CUdeviceptr address);

    /// <summary>Host to device. Page-locked memory is read when the copy runs, pageable memory then or before the call returns.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, void* source, nuint sizeInBytes, CUstream stream);

    /// <summary>Device to host. Written when the copy runs: into pageable memory perhaps before the call returns.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemcpyDtoHAsync_v2(void* destination, CUdeviceptr source, nuint sizeInBytes, CUstream stream);

    /// <summary>Device to device.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, nuint sizeInBytes, CUstream stream);

    /// <summary>Sets bytes.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemsetD8Async(CUdeviceptr destination, byte value, nuint count, CUstream stream);

    /// <summary>Makes a stream; flag 1 (CU_STREAM_NON_BLOCKING): it does not wait for the null stream.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuStreamCreate(out CUstream stream, uint flags);

    /// <summary>Waits for the stream, and reports a fault of what ran on it.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuStreamSynchronize(CUstream stream);

    /// <summary>Ends a stream once its work is done.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuStreamDestroy_v2(CUstream stream);

    /// <summary>Bytes that are free on the device, and that it has.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemGetInfo_v2(out nuint freeInBytes, out nuint totalInBytes);

    /// <summary>Allocates page-locked host memory; flag 1 (CU_MEMHOSTALLOC_PORTABLE): for every context.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemHostAlloc(out void* address, nuint sizeInBytes, uint flags);

    /// <summary>Frees page-locked host memory.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemFreeHost(void* address);

    /// <summary>Makes a pool of device memory.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemPoolCreate(out CUmemoryPool pool, CUmemPoolProps* properties);

    /// <summary>Ends a pool; its memory goes back when the last allocation of it has.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemPoolDestroy(CUmemoryPool pool);

    /// <summary>Gives the device what the pool does not use, down to so many bytes.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemPoolTrimTo(CUmemoryPool pool, nuint minimumBytesToKeep);

    /// <summary>Sets a number of a pool.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, ulong* value);

    /// <summary>A number about a pool.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, ulong* value);

    /// <summary>Allocates of a pool, for what comes after it on the stream.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemAllocFromPoolAsync(out CUdeviceptr address, nuint sizeInBytes, CUmemoryPool pool, CUstream stream);

    /// <summary>Frees once the stream comes to it.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream);

    /// <summary>Makes an event; flag 2 (CU_EVENT_DISABLE_TIMING): it only orders.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventCreate(out CUevent @event, uint flags);

    /// <summary>Marks the place that a stream has come to.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventRecord(CUevent @event, CUstream stream);

    /// <summary>CUDA_ERROR_NOT_READY before the stream has come to the mark. An event that was never recorded is ready.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventQuery(CUevent @event);

    /// <summary>Waits until the stream has come to the mark.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventSynchronize(CUevent @event);

    /// <summary>
    /// The time between two marks, to half a microsecond. CUDA_ERROR_INVALID_HANDLE where one was never recorded or has no
    /// time, CUDA_ERROR_NOT_READY where a stream has not come to it.
    /// </summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventElapsedTime(out float milliseconds, CUevent start, CUevent end);

    /// <summary>Ends an event.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuEventDestroy_v2(CUevent @event);

    /// <summary>What is queued on the stream from now on waits for the event's last mark.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuStreamWaitEvent(CUstream stream, CUevent @event, uint flags);

    /// <summary>Loads a cubin, a fat binary or PTX text.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuModuleLoadData(out CUmodule module, void* image);

    /// <summary>Unloads a module.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuModuleUnload(CUmodule module);

    /// <summary>The kernel of that name, zero-terminated.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuModuleGetFunction(out CUfunction function, CUmodule module, byte* name);

    /// <summary>A parameter's place; CUDA_ERROR_INVALID_VALUE past the last. Since CUDA 12.4.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuFuncGetParamInfo(CUfunction function, nuint index, out nuint offset, out nuint sizeInBytes);

    /// <summary>Sets what can be set of a kernel.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value);

    /// <summary>A number about a kernel.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuFuncGetAttribute(out int value, CUfunction_attribute attribute, CUfunction function);

    /// <summary>Launches a kernel. <paramref name="parameters"/> points to as many pointers as the kernel has parameters.</summary>
    [LibraryImport(CudaLibrary.Driver)]
    public static partial CUresult cuLaunchKernel(
        CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ,
        uint sharedMemoryInBytes, CUstream stream, void** parameters, void** extra);
}
