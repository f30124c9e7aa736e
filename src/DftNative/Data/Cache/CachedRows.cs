using System.Collections;

namespace DftNative.Data.Cache;

/// <summary>A data file's rows in the cache; a row is made when it is asked for.</summary>
internal sealed class CachedRows : IReadOnlyList<TrainingRow>, IDisposable
{
    private readonly IReadOnlyList<RowCachePart> parts;
    private readonly int[] starts;

    /// <summary>Takes over the parts.</summary>
    public CachedRows(IReadOnlyList<RowCachePart> parts)
    {
        this.parts = parts;
        starts = new int[parts.Count + 1];
        for (var i = 0; i < parts.Count; i++)
        {
            starts[i + 1] = checked(starts[i] + parts[i].RowCount);
            Report.Add(parts[i].Report);
        }
    }

    /// <summary>What was counted when the file was read.</summary>
    public DataReport Report { get; } = new();

    /// <inheritdoc/>
    public int Count => starts[^1];

    /// <inheritdoc/>
    public TrainingRow this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var found = Array.BinarySearch(starts, index);
            if (found < 0) return parts[~found - 1].Read(index - starts[~found - 1]);

            // Parts without rows begin where the next one does.
            while (starts[found + 1] == index) found++;
            return parts[found].Read(index - starts[found]);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<TrainingRow> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts) part.Dispose();
    }
}
