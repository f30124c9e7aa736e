using DftNative.Backends;

namespace DftNative.Models;

/// <summary>Rotated keys, and values, of generated sequences: for each layer [slots·capacity, kvHeads·headDimension], a slot's rows next to each other.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly DeviceBuffer keys;
    private readonly DeviceBuffer values;
    private readonly DeviceBuffer rows;
    private readonly int columns;
    private readonly int rowCount;

    /// <summary>Allocates the cache.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="slots">Sequences alive at once.</param>
    /// <param name="capacity">The most tokens of a sequence.</param>
    /// <param name="maxTokens">The most tokens of one pass.</param>
    /// <param name="deadTokens">Dead tokens that a pass is filled up with, at most: each has a row after the slots.</param>
    /// <param name="sampledRows">Rows of logits that are drawn from at once.</param>
    public KeyValueCache(IBackend backend, ModelConfiguration configuration, int slots, int capacity, int maxTokens, int deadTokens = 0, int sampledRows = 0)
    {
        (Slots, Capacity, columns) = (slots, capacity, configuration.KeyValueSize);
        rowCount = checked((slots * capacity) + deadTokens);
        var length = (long)configuration.LayerCount * rowCount * columns;
        keys = backend.Allocate(backend.ComputeType, length, MemoryCategory.KeyValueCache, "cached keys");
        values = backend.Allocate(backend.ComputeType, length, MemoryCategory.KeyValueCache, "cached values");
        rows = backend.Allocate(DataType.Int32, maxTokens, MemoryCategory.Workspace, "cache rows");
        backend.Reserve(new TransformerOptions(maxTokens).ShapeOf(configuration) with { CachedSequences = slots, CachedTokens = capacity, SampledRows = sampledRows });
    }

    /// <summary>Sequences alive at once.</summary>
    public int Slots { get; }

    /// <summary>The most tokens of a sequence.</summary>
    public int Capacity { get; }

    /// <summary>[maxTokens] int32: where each row of a pass goes.</summary>
    internal Vector Rows => rows.AsVector();

    /// <inheritdoc/>
    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
        rows.Dispose();
    }

    /// <summary>The first row of a slot, or, from their number on, a dead token's row.</summary>
    internal int FirstRow(int slot) => slot < Slots ? slot * Capacity : (Slots * Capacity) + slot - Slots;

    internal Matrix Keys(int layer) => Layer(keys, layer);

    internal Matrix Values(int layer) => Layer(values, layer);

    private Matrix Layer(DeviceBuffer buffer, int layer)
    {
        var length = (long)rowCount * columns;
        return buffer.AsVector().Slice(layer * length, length).AsMatrix(rowCount, columns);
    }
}
