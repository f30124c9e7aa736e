using DftNative.Backends;

namespace DftNative.Models;

/// <summary>
/// What one layer's forward leaves for its backward. What the level drops is memory of the first layer that all layers
/// write, forward and again in backward. T = the most tokens of a pass.
/// </summary>
internal sealed class LayerActivations : IDisposable
{
    private readonly List<DeviceBuffer> buffers = [];

    /// <summary>Allocates what is the layer's own.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="options">The most tokens, and what is dropped.</param>
    /// <param name="owner">The layer in words.</param>
    /// <param name="first">The layer that has what is shared; null: this one.</param>
    public LayerActivations(IBackend backend, ModelConfiguration configuration, TransformerOptions options, string owner, LayerActivations? first)
    {
        var maxTokens = options.MaxTokens;
        int hidden = configuration.HiddenSize, query = configuration.QuerySize, keyValue = configuration.KeyValueSize, intermediate = configuration.IntermediateSize;
        Residual = Activation(hidden, "residual");
        InputRstd = Shared(RecomputeLevel.Block)?.InputRstd ?? Vector(maxTokens, "input rstd");
        Normed = Shared(RecomputeLevel.Norms)?.Normed ?? Activation(hidden, "normed");
        QueryKeyValue = Shared(RecomputeLevel.Block)?.QueryKeyValue ?? Activation(query + (2 * keyValue), "qkv");
        if (configuration.QueryKeyNorm)
        {
            NormedQueryKey = Shared(RecomputeLevel.Block)?.NormedQueryKey ?? Activation(query + keyValue, "normed qk");
            QueryRstd = Shared(RecomputeLevel.Block)?.QueryRstd ?? Vector((long)maxTokens * configuration.HeadCount, "query rstd");
            KeyRstd = Shared(RecomputeLevel.Block)?.KeyRstd ?? Vector((long)maxTokens * configuration.KeyValueHeadCount, "key rstd");
        }

        Attended = Shared(RecomputeLevel.Block)?.Attended ?? Activation(query, "attended");
        LogSumExp = Shared(RecomputeLevel.Block)?.LogSumExp ?? Vector((long)configuration.HeadCount * maxTokens, "attention logsumexp").AsMatrix(configuration.HeadCount, maxTokens);
        PostResidual = Shared(RecomputeLevel.Block)?.PostResidual ?? Activation(hidden, "post-attention residual");
        PostRstd = Shared(RecomputeLevel.Block)?.PostRstd ?? Vector(maxTokens, "post-attention rstd");
        PostNormed = Shared(RecomputeLevel.Norms)?.PostNormed ?? Activation(hidden, "post-attention normed");
        GateUp = Shared(RecomputeLevel.FeedForward)?.GateUp ?? Activation(2 * intermediate, "gate and up");
        Activated = Shared(RecomputeLevel.Norms)?.Activated ?? Activation(intermediate, "activated");

        LayerActivations? Shared(RecomputeLevel droppedFrom) => options.Recompute >= droppedFrom ? first : null;

        Matrix Activation(int columns, string name) => Allocate(backend.ComputeType, (long)maxTokens * columns, name).AsMatrix(maxTokens, columns);

        Vector Vector(long length, string name) => Allocate(DataType.Float32, length, name).AsVector();

        DeviceBuffer Allocate(DataType dataType, long length, string name)
        {
            var buffer = backend.Allocate(dataType, length, MemoryCategory.Activations, $"{owner}, {name}");
            buffers.Add(buffer);
            return buffer;
        }
    }

    /// <summary>[T, hidden]: the residual stream at the layer's entry.</summary>
    public Matrix Residual { get; }

    /// <summary>[T] fp32.</summary>
    public Vector InputRstd { get; }

    /// <summary>[T, hidden].</summary>
    public Matrix Normed { get; }

    /// <summary>[T, query + 2·keyValue]: rotated in place where q and k are not normalised.</summary>
    public Matrix QueryKeyValue { get; }

    /// <summary>[T, query + keyValue]: q and k normalised, then rotated; empty without q/k norms.</summary>
    public Matrix NormedQueryKey { get; }

    /// <summary>[T·heads] fp32, or empty.</summary>
    public Vector QueryRstd { get; }

    /// <summary>[T·kvHeads] fp32, or empty.</summary>
    public Vector KeyRstd { get; }

    /// <summary>[T, query]: the attention's output before its projection.</summary>
    public Matrix Attended { get; }

    /// <summary>[heads, T] fp32.</summary>
    public Matrix LogSumExp { get; }

    /// <summary>[T, hidden]: the residual stream after attention.</summary>
    public Matrix PostResidual { get; }

    /// <summary>[T] fp32.</summary>
    public Vector PostRstd { get; }

    /// <summary>[T, hidden].</summary>
    public Matrix PostNormed { get; }

    /// <summary>[T, 2·intermediate]; backward writes its gradient over it.</summary>
    public Matrix GateUp { get; }

    /// <summary>[T, intermediate].</summary>
    public Matrix Activated { get; }

    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }
}
