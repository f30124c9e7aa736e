using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>
/// The CPU, in fp32: GEMMs by OpenBLAS (or managed code where it is absent), everything else vectorised. Work is cut into
/// tiles that do not depend on the number of threads, so neither do the results. Operations run before they return.
/// </summary>
public sealed unsafe partial class CpuBackend : IBackend
{
    private readonly WorkerPool pool;
    private readonly Gemm gemm;
    private readonly WorkerScratch[] scratch;
    private long allocatedBytes;

    /// <summary>Starts the worker threads.</summary>
    /// <param name="threadCount">Threads; 0: one a core.</param>
    public CpuBackend(int threadCount = 0)
        : this(threadCount, GemmLibrary.Load())
    {
    }

    internal CpuBackend(int threadCount, Gemm gemm)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threadCount);
        this.gemm = gemm;
        pool = new WorkerPool(threadCount == 0 ? Environment.ProcessorCount : threadCount);
        scratch = new WorkerScratch[pool.WorkerCount];
        samplers = new TokenSampler[pool.WorkerCount];
        for (var worker = 0; worker < scratch.Length; worker++) (scratch[worker], samplers[worker]) = (new WorkerScratch(), new TokenSampler());
    }

    /// <inheritdoc/>
    public string Description => $"CPU, fp32, {pool.WorkerCount} thread{(pool.WorkerCount == 1 ? "" : "s")}, GEMM by {gemm.Description}";

    /// <inheritdoc/>
    public DataType ComputeType => DataType.Float32;

    /// <inheritdoc/>
    public bool PadsMicroBatches => false;

    /// <inheritdoc/>
    public BackendLimits Limits => BackendLimits.None;

    /// <inheritdoc/>
    public double? PeakFlopsPerSecond => null;

    /// <inheritdoc/>
    public long AllocatedBytes => allocatedBytes;

    /// <inheritdoc/>
    public long PeakAllocatedBytes { get; private set; }

    /// <inheritdoc cref="IBackend.GetMemory"/>
    public DeviceMemory? GetMemory() => null;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name)
    {
        var buffer = new CpuDeviceBuffer(this, dataType, length, category, name);
        allocatedBytes += buffer.SizeInBytes;
        PeakAllocatedBytes = Math.Max(PeakAllocatedBytes, allocatedBytes);
        return buffer;
    }

    /// <inheritdoc/>
    /// <remarks>Scratch memory is the host's, small, and grows in the first pass.</remarks>
    public void Reserve(in PassShape shape)
    {
    }

    /// <inheritdoc/>
    public string? ExportPlans() => null;

    /// <inheritdoc/>
    public bool ImportPlans(string plans) => false;

    /// <inheritdoc/>
    public void Upload<T>(ReadOnlySpan<T> source, Vector destination) where T : unmanaged
    {
        CheckHostType<T>(destination.DataType);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, destination.Length, nameof(source));
        source.CopyTo(new Span<T>(Address(destination), source.Length));
    }

    /// <inheritdoc/>
    public void Download<T>(Vector source, Span<T> destination) where T : unmanaged
    {
        CheckHostType<T>(source.DataType);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, destination.Length, nameof(source));
        new ReadOnlySpan<T>(Address(source), checked((int)source.Length)).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Zero(Vector destination)
    {
        var job = new ZeroJob((byte*)Address(destination), destination.Length * destination.DataType.SizeInBytes());
        pool.Run(in job, Tiles(job.SizeInBytes, ZeroJob.TileBytes));
    }

    /// <inheritdoc/>
    public void Copy(Vector source, Vector destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length, destination.Length, nameof(destination));
        if (source.DataType != destination.DataType)
            throw new NotSupportedException($"The CPU backend holds one floating-point type; a copy from {source.DataType} to {destination.DataType} is not one of its operations.");
        var bytes = source.Length * source.DataType.SizeInBytes();
        Buffer.MemoryCopy(Address(source), Address(destination), bytes, bytes);
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    /// <remarks>Gradients are fp32: nothing is rounded.</remarks>
    public void BeginPass(in GradientRounding rounding)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Dispose();
        foreach (var memory in scratch) memory.Dispose();
        sharedScratch.Dispose();
    }

    internal void OnFreed(long bytes) => allocatedBytes -= bytes;

    private static int Tiles(long count, long tileSize) => checked((int)((count + tileSize - 1) / tileSize));

    private static void* Address(Vector vector) =>
        (byte*)((CpuDeviceBuffer)vector.Buffer!).Pointer + (vector.Offset * vector.DataType.SizeInBytes());

    private static float* Floats(Vector vector)
    {
        RequireType(vector.DataType, DataType.Float32);
        return (float*)Address(vector);
    }

    private static int* Integers(Vector vector)
    {
        RequireType(vector.DataType, DataType.Int32);
        return (int*)Address(vector);
    }

    private static float* Floats(Matrix matrix)
    {
        RequireType(matrix.DataType, DataType.Float32);
        return (float*)((CpuDeviceBuffer)matrix.Buffer!).Pointer + matrix.Offset;
    }

    private static void RequireType(DataType actual, DataType expected)
    {
        if (actual != expected) throw new ArgumentException($"The CPU backend takes {expected} here, not {actual}.");
    }

    private static void RequireShape(Matrix matrix, int rows, int columns, string name)
    {
        if (matrix.Rows != rows || matrix.Columns != columns)
            throw new ArgumentException($"{name} is [{matrix.Rows}, {matrix.Columns}], not [{rows}, {columns}].", name);
    }

    private static void RequireLength(Vector vector, long length, string name)
    {
        if (vector.Length < length) throw new ArgumentException($"{name} has {vector.Length} elements, not {length}.", name);
    }

    private static void CheckHostType<T>(DataType dataType) where T : unmanaged
    {
        if (sizeof(T) != dataType.SizeInBytes()) throw new ArgumentException($"{typeof(T).Name} is not the host type of {dataType}.");
    }

    private readonly struct ZeroJob(byte* destination, long sizeInBytes) : ITileJob
    {
        public const long TileBytes = 1 << 20;

        public long SizeInBytes => sizeInBytes;

        public void Execute(int tile, int worker)
        {
            var start = tile * TileBytes;
            NativeMemory.Clear(destination + start, (nuint)Math.Min(TileBytes, sizeInBytes - start));
        }
    }
}
