using DftNative.Backends;

namespace DftNative.Models;

/// <summary>What one layer's forward leaves: kept for backward in training, shared by all layers otherwise. T = the most tokens of a pass.</summary>
internal sealed class LayerActivations : IDisposable
{
    private readonly List<DeviceBuffer> buffers = [];

    public LayerActivations(IBackend backend, ModelConfiguration configuration, int maxTokens, string owner)
    {
        var compute = backend.ComputeType;
        int hidden = configuration.HiddenSize, query = configuration.QuerySize, keyValue = configuration.KeyValueSize, intermediate = configuration.IntermediateSize;
        Residual = Matrix(compute, maxTokens, hidden, "residual");
        InputRstd = Vector(maxTokens, "input rstd");
        Normed = Matrix(compute, maxTokens, hidden, "normed");
        QueryKeyValue = Matrix(compute, maxTokens, query + (2 * keyValue), "qkv");
        if (configuration.QueryKeyNorm)
        {
            NormedQueryKey = Matrix(compute, maxTokens, query + keyValue, "normed qk");
            QueryRstd = Vector((long)maxTokens * configuration.HeadCount, "query rstd");
            KeyRstd = Vector((long)maxTokens * configuration.KeyValueHeadCount, "key rstd");
        }

        Attended = Matrix(compute, maxTokens, query, "attended");
        LogSumExp = Matrix(DataType.Float32, configuration.HeadCount, maxTokens, "attention logsumexp");
        PostResidual = Matrix(compute, maxTokens, hidden, "post-attention residual");
        PostRstd = Vector(maxTokens, "post-attention rstd");
        PostNormed = Matrix(compute, maxTokens, hidden, "post-attention normed");
        GateUp = Matrix(compute, maxTokens, 2 * intermediate, "gate and up");
        Activated = Matrix(compute, maxTokens, intermediate, "activated");

        Matrix Matrix(DataType dataType, int rows, int columns, string name) => Allocate(dataType, (long)rows * columns, name).AsMatrix(rows, columns);

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
