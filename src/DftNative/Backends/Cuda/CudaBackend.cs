using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <summary>
/// The layer operations on an NVIDIA GPU: bf16 with fp32 arithmetic, on one stream. Views of compute type must begin at a
/// multiple of 16 bytes, with rows a multiple of 16 bytes apart.
/// Not thread-safe, but any thread may use it. A kernel's fault is a <see cref="CudaException"/> of the next call that
/// waits or launches; after it the device's context is lost.
/// </summary>
public sealed partial class CudaBackend : IBackend
{
    private const int PacketSizeInBytes = 16;

    /// <summary>bf16 numbers of a packet.</summary>
    private const int ElementsPerPacket = PacketSizeInBytes / sizeof(ushort);

    private const int WarpSize = 32;

    private readonly CudaStream stream;
    private readonly CublasLt cublasLt;
    private readonly CudaStagingRing staging;
    private readonly KernelLibrary kernels;
    private bool disposed;

    /// <summary>Opens a device.</summary>
    /// <param name="deviceOrdinal">The device's number, from 0.</param>
    /// <param name="matrixProducts">How cuBLASLt chooses algorithms; null: the first heuristic.</param>
    /// <exception cref="DftNativeException">A library of CUDA or the device is missing, or they do not work together, or the device is older than compute capability 8.0.</exception>
    public CudaBackend(int deviceOrdinal = 0, CublasLtOptions? matrixProducts = null)
    {
        try
        {
            Context = new CudaContext(deviceOrdinal);
            CudaInstallation.Require(Context);
            stream = new CudaStream(Context);
            cublasLt = new CublasLt(Context, stream, matrixProducts);
            staging = new CudaStagingRing(Context, stream);
            PeakFlopsPerSecond = DevicePeaks.Find(Context.DeviceName);
            var architecture = KernelLibrary.ArchitectureOf(Context.ComputeCapability);
            Description =
                $"{Context.DeviceName} ({Context.TotalMemoryInBytes >> 30} GiB, {architecture}, NVRTC {CudaRuntimeCompiler.Version}, cuBLASLt {cublasLt.Version})";
        }
        catch (Exception exception)
        {
            staging?.Dispose();
            cublasLt?.Dispose();
            stream?.Dispose();
            Context?.Dispose();
            if (exception is CudaException { Result: CUresult.CUDA_ERROR_OUT_OF_MEMORY })
            {
                throw new DftNativeException(
                    ExitCode.Device, $"out of device memory before anything is loaded: the context, cuBLASLt's workspace and page-locked memory for transfers do not fit ({exception.Message}); free the device or take another", exception);
            }

            if (exception is CudaException) throw new DftNativeException(ExitCode.Device, exception.Message, exception);
            throw;
        }

        kernels = new KernelLibrary(Context);
    }

    /// <inheritdoc cref="IBackend.Description"/>
    public string Description { get; }

    /// <inheritdoc cref="IBackend.ComputeType"/>
    public DataType ComputeType => DataType.BFloat16;

    /// <inheritdoc cref="IBackend.PadsMicroBatches"/>
    public bool PadsMicroBatches => true;

    /// <inheritdoc/>
    /// <remarks>Rows are whole packets.</remarks>
    public BackendLimits Limits => ShapeLimits;

    /// <summary>The shapes that every GPU takes.</summary>
    internal static BackendLimits ShapeLimits => new(ElementsPerPacket, ResidualRmsNormVariant.LargestRow, AttentionKernels.LargestHeadDimension) { ProbabilityWeightsOnly = true };

    /// <inheritdoc/>
    public double? PeakFlopsPerSecond { get; }

    /// <inheritdoc cref="IBackend.AllocatedBytes"/>
    public long AllocatedBytes { get; private set; }

    /// <inheritdoc cref="IBackend.PeakAllocatedBytes"/>
    public long PeakAllocatedBytes { get; private set; }

    /// <summary>Whether the device is an imitation on the CPU.</summary>
    public bool IsEmulated => Context.IsEmulated;

    /// <summary>What everything of the backend is made on.</summary>
    internal CudaContext Context { get; }

    /// <summary>Where every operation is queued.</summary>
    internal CudaStream Stream => stream;

    /// <inheritdoc cref="IBackend.GetMemory"/>
    /// <remarks>An emulated device hands out exactly what is asked for, and its kernels take none of its memory.</remarks>
    public DeviceMemory GetMemory() => new(
        Context.TotalMemoryInBytes, Context.TotalMemoryInBytes - Context.GetFreeMemoryInBytes(), IsUsedMeasured: true,
        IsEmulated ? 0 : DeviceMemory.LoadedCodeBytesEstimate, IsEmulated ? 1 : DeviceMemory.DriverPageSizeInBytes,
        Context.MultiprocessorCount, Context.ComputeCapability);

    /// <inheritdoc cref="IBackend.Allocate"/>
    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CudaDeviceBuffer buffer;
        try
        {
            buffer = new CudaDeviceBuffer(this, dataType, length, category, name);
        }
        catch (CudaException exception) when (exception.Result == CUresult.CUDA_ERROR_OUT_OF_MEMORY)
        {
            throw new DftNativeException(
                ExitCode.Device,
                $"out of device memory: {name} ({category}) needs {InMebibytes(length * dataType.SizeInBytes())} MiB; this run uses " +
                $"{InMebibytes(AllocatedBytes)} MiB and {InMebibytes(Context.GetFreeMemoryInBytes())} of the device's " +
                $"{InMebibytes(Context.TotalMemoryInBytes)} MiB are free; {OutOfMemoryAdvice(category)}",
                exception);
        }

        AllocatedBytes += buffer.SizeInBytes;
        PeakAllocatedBytes = Math.Max(PeakAllocatedBytes, AllocatedBytes);
        buffer.Memory.Zero(0, buffer.SizeInBytes, stream);
        return buffer;
    }

    /// <inheritdoc cref="IBackend.Upload"/>
    /// <remarks>Waits for the stream only where more is on its way than page-locked memory holds (<see cref="CudaStagingRing"/>).</remarks>
    public void Upload<T>(ReadOnlySpan<T> source, Vector destination)
        where T : unmanaged
    {
        CheckHostSpan<T>(source.Length, destination);
        staging.CopyToDevice(MemoryMarshal.AsBytes(source), MemoryOf(destination), OffsetInBytes(destination));
    }

    /// <inheritdoc cref="IBackend.Download"/>
    public void Download<T>(Vector source, Span<T> destination)
        where T : unmanaged
    {
        CheckHostSpan<T>(destination.Length, source);
        staging.CopyToHost(MemoryOf(source), OffsetInBytes(source), MemoryMarshal.AsBytes(destination));
    }

    /// <inheritdoc cref="IBackend.Zero"/>
    public void Zero(Vector destination)
    {
        MemoryOf(destination).Zero(OffsetInBytes(destination), SizeInBytes(destination), stream);
    }

    /// <inheritdoc cref="IBackend.Copy"/>
    /// <remarks>Views whose types differ begin at multiples of 16 bytes.</remarks>
    public void Copy(Vector source, Vector destination)
    {
        if (source.Length != destination.Length)
            throw new ArgumentException($"cannot copy {source.Length} elements to {destination.Length}", nameof(destination));
        if (source.DataType != destination.DataType)
        {
            Convert(source, destination);
            return;
        }

        MemoryOf(source).CopyToDevice(
            OffsetInBytes(source), MemoryOf(destination), OffsetInBytes(destination), SizeInBytes(source), stream);
    }

    /// <inheritdoc cref="IBackend.Synchronize"/>
    public void Synchronize()
    {
        stream.Synchronize();
    }

    /// <summary>Ends the backend. Buffers that are still alive are lost with it.</summary>
    public void Dispose()
    {
        if (disposed) return;
        foreach (var scratch in scratches.Values) scratch.Dispose();
        disposed = true;
        staging.Dispose();
        cublasLt.Dispose();
        stream.Dispose();
        kernels.Dispose();
        Context.Dispose();
    }

    /// <summary>Returns a buffer's memory.</summary>
    internal void Free(CudaDeviceBuffer buffer)
    {
        if (disposed || buffer.Memory.IsDisposed) return;
        AllocatedBytes -= buffer.SizeInBytes;
        buffer.Memory.Dispose();
    }

    private static string OutOfMemoryAdvice(MemoryCategory category) => category switch
    {
        MemoryCategory.Weights or MemoryCategory.Master or MemoryCategory.Gradients or MemoryCategory.OptimizerState =>
            "what a model's parameters need does not depend on micro_batch_tokens: take a device with more memory or a smaller model",
        MemoryCategory.KeyValueCache => "lower max_new_tokens",
        _ => "lower micro_batch_tokens, and max_length with it where a row is that long",
    };

    private static void CheckHostSpan<T>(int length, Vector view)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != view.DataType.SizeInBytes())
            throw new ArgumentException($"{typeof(T).Name} does not have the size of {view.DataType}");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, view.Length);
    }

    private static long InMebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private static long OffsetInBytes(Vector view) => view.Offset * view.DataType.SizeInBytes();

    private static long SizeInBytes(Vector view) => view.Length * view.DataType.SizeInBytes();

    private CudaDeviceVariable<byte> MemoryOf(Vector view) => MemoryOf(view.Buffer);

    private CudaDeviceVariable<byte> MemoryOf(DeviceBuffer? buffer) =>
        buffer is CudaDeviceBuffer own && own.BelongsTo(this)
            ? own.Memory
            : throw new ArgumentException($"buffer {buffer?.Name} is not of this backend");

    /// <summary>A vector's address, for a kernel that takes it whole packets at a time.</summary>
    private CUdeviceptr Pointer(Vector view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        CheckOperand(view.Buffer, view.Offset, 0, dataType, operand);
        return MemoryOf(view.Buffer).DevicePointer + OffsetInBytes(view);
    }

    /// <summary>A matrix's address, likewise.</summary>
    private CUdeviceptr Pointer(Matrix view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        CheckOperand(view.Buffer, view.Offset, view.RowStride, dataType, operand);
        return MemoryOf(view.Buffer).DevicePointer + (view.Offset * dataType.SizeInBytes());
    }

    /// <summary>A vector's address, for a kernel that takes a vector of any type whole packets at a time.</summary>
    private CUdeviceptr PacketPointer(Vector view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        var pointer = Pointer(view, dataType, operand);
        if (OffsetInBytes(view) % PacketSizeInBytes != 0)
            throw new ArgumentException($"{operand} must begin at a multiple of {PacketSizeInBytes} bytes", operand);
        return pointer;
    }

    private static void CheckOperand(DeviceBuffer? buffer, long offset, long rowStride, DataType dataType, string operand)
    {
        if (buffer is null || buffer.DataType != dataType) throw new ArgumentException($"{operand} must be {dataType}", operand);
        var size = dataType.SizeInBytes();
        if (dataType == DataType.BFloat16 && (offset * size % PacketSizeInBytes != 0 || rowStride * size % PacketSizeInBytes != 0))
            throw new ArgumentException($"{operand} must begin and have rows at multiples of {PacketSizeInBytes} bytes", operand);
    }

    /// <summary>Rows of whole packets, which kernels that take 16 bytes at a time have no tail for.</summary>
    private static void CheckPackets(Matrix view, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.Columns % ElementsPerPacket != 0)
            throw new ArgumentException($"{operand} has {view.Columns} columns, not a multiple of {ElementsPerPacket}", operand);
    }

    private static int DivideUp(int dividend, int divisor) => (int)(((long)dividend + divisor - 1) / divisor);

    private static void CheckShape(Matrix view, int rows, int columns, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.Rows != rows || view.Columns != columns)
            throw new ArgumentException($"{operand} is [{view.Rows}, {view.Columns}] and must be [{rows}, {columns}]", operand);
    }

    private static void CheckLength(Vector view, long length, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.Length != length) throw new ArgumentException($"{operand} has {view.Length} elements and must have {length}", operand);
    }
}
