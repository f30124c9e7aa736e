using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// What the blocks of one attention kernel work on, on the device: as the ranges' plan has it, or made here where they have
/// none. It is made and uploaded anew only when the ranges are others than the last time: a model's layers share it.
/// Memory grows to the largest list and is kept.
/// </summary>
/// <typeparam name="T">Four int.</typeparam>
/// <param name="backend">Where the list is uploaded.</param>
/// <param name="scratch">int32 memory for it.</param>
internal abstract class AttentionList<T>(CudaBackend backend, CudaScratch scratch) where T : unmanaged
{
    /// <summary>Numbers of an item.</summary>
    public const int FieldCount = 4;

    private AttentionRange[] ranges = [];
    private T[] items = [];
    private T[]? planned;
    private int rangeCount;
    private int rowsPerItem;

    /// <summary>The number of items.</summary>
    public int Count { get; private set; }

    /// <summary>[items · 4] int32.</summary>
    public Vector Device => scratch.Take((long)Count * FieldCount);

    /// <summary>Brings what those ranges are cut into to the device.</summary>
    /// <param name="newRanges">Ranges.</param>
    /// <param name="newRowsPerItem">Rows of an item.</param>
    /// <exception cref="ArgumentException">A range that cannot be cut.</exception>
    public void Update(in AttentionRanges newRanges, int newRowsPerItem)
    {
        if (newRanges.Plan is CudaAttentionPlan plan && Find(plan, newRowsPerItem) is { } list)
        {
            if (ReferenceEquals(list, planned)) return;
            Forget();
            Upload(list);
            planned = list;
            return;
        }

        var host = newRanges.Host.Span;
        if (newRowsPerItem == rowsPerItem && host.SequenceEqual(ranges.AsSpan(0, rangeCount))) return;
        Forget();
        if (ranges.Length < host.Length) ranges = new AttentionRange[Math.Max(host.Length, 2 * ranges.Length)];
        host.CopyTo(ranges);
        var count = Cut(host, newRowsPerItem, ref items);
        Upload(items.AsSpan(0, count));
        (rangeCount, rowsPerItem) = (host.Length, newRowsPerItem);
    }

    /// <summary>A plan's list; null where it has none for items of that size.</summary>
    protected abstract T[]? Find(CudaAttentionPlan plan, int rows);

    /// <summary>Writes the list from the array's begin, replaced where it is too short; its length.</summary>
    protected abstract int Cut(ReadOnlySpan<AttentionRange> host, int rows, ref T[] list);

    /// <summary>What is kept is not valid until an update has come to its end.</summary>
    private void Forget() => (Count, rangeCount, rowsPerItem, planned) = (0, 0, 0, null);

    private void Upload(ReadOnlySpan<T> list)
    {
        Count = list.Length;
        if (Count > 0) backend.Upload(MemoryMarshal.Cast<T, int>(list), Device);
    }
}
