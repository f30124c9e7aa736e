using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Training.Planning;

/// <summary>
/// A GPU that is not there: it counts what the constructors of a run allocate, by category and by name, and holds
/// nothing. What they upload is dropped; an operation that would compute is an error.
/// </summary>
/// <param name="multiprocessorCount">The device's SMs, which some scratch memory depends on.</param>
internal sealed partial class CountingBackend(int multiprocessorCount) : IBackend
{
    private readonly List<CountedAllocation> allocations = [];
    private readonly Dictionary<CudaScratchKind, CountedAllocation> scratch = [];

    /// <summary>All that was allocated, in its order.</summary>
    public IReadOnlyList<CountedAllocation> Allocations => allocations;

    /// <inheritdoc/>
    public string Description => "a GPU";

    /// <inheritdoc/>
    public DataType ComputeType => DataType.BFloat16;

    /// <inheritdoc/>
    public bool PadsMicroBatches => true;

    /// <inheritdoc/>
    public BackendLimits Limits => CudaBackend.ShapeLimits;

    /// <inheritdoc/>
    public double? PeakFlopsPerSecond => null;

    /// <inheritdoc/>
    public bool CountsOnly => true;

    /// <inheritdoc/>
    public long AllocatedBytes { get; private set; }

    /// <inheritdoc/>
    public long PeakAllocatedBytes => AllocatedBytes;

    /// <inheritdoc/>
    public DeviceMemory? GetMemory() => null;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var buffer = new CountedBuffer(dataType, length, category, name);
        Count(new CountedAllocation(category, name, Math.Max(1, buffer.SizeInBytes)));
        return buffer;
    }

    /// <inheritdoc/>
    public void Reserve(in PassShape shape)
    {
        foreach (var size in CudaScratchSizes.For(shape, multiprocessorCount))
        {
            // Memory that is there and large enough is kept; smaller memory goes back.
            if (scratch.TryGetValue(size.Kind, out var earlier))
            {
                if (earlier.SizeInBytes >= size.SizeInBytes) continue;
                allocations.Remove(earlier);
                AllocatedBytes -= earlier.SizeInBytes;
            }

            var allocation = new CountedAllocation(size.Kind.Category, size.Kind.Name, size.SizeInBytes);
            scratch[size.Kind] = allocation;
            Count(allocation);
        }
    }

    /// <inheritdoc/>
    public void Upload<T>(ReadOnlySpan<T> source, Vector destination)
        where T : unmanaged
    {
    }

    /// <inheritdoc/>
    public void Zero(Vector destination) { }

    /// <inheritdoc/>
    public void Synchronize() { }

    /// <summary>Buffers hold nothing.</summary>
    public void Dispose() { }

    private void Count(CountedAllocation allocation)
    {
        allocations.Add(allocation);
        AllocatedBytes += allocation.SizeInBytes;
    }
}
