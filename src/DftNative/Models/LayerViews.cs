using DftNative.Backends;

namespace DftNative.Models;

/// <summary>
/// One layer's part of an arena with the layout of the parameters: the weights, or their gradients. Absent parameters
/// are empty views.
/// </summary>
internal readonly struct LayerViews
{
    public LayerViews(Vector arena, ParameterLayout layout, ModelConfiguration configuration, int layer)
    {
        var prefix = $"model.layers.{layer}.";
        var (hidden, fused) = (configuration.HiddenSize, configuration.QuerySize + (2 * configuration.KeyValueSize));
        InputNorm = VectorAt(arena, layout, prefix + "input_layernorm.weight");
        QueryKeyValue = MatrixAt(arena, layout, prefix + "self_attn.q_proj.weight", fused, hidden);
        QueryKeyValueBias = VectorAt(arena, layout, prefix + "self_attn.q_proj.bias", fused);
        QueryNorm = VectorAt(arena, layout, prefix + "self_attn.q_norm.weight");
        KeyNorm = VectorAt(arena, layout, prefix + "self_attn.k_norm.weight");
        Output = MatrixAt(arena, layout, prefix + "self_attn.o_proj.weight", hidden, configuration.QuerySize);
        OutputBias = VectorAt(arena, layout, prefix + "self_attn.o_proj.bias");
        PostNorm = VectorAt(arena, layout, prefix + "post_attention_layernorm.weight");
        GateUp = MatrixAt(arena, layout, prefix + "mlp.gate_proj.weight", 2 * configuration.IntermediateSize, hidden);
        Down = MatrixAt(arena, layout, prefix + "mlp.down_proj.weight", hidden, configuration.IntermediateSize);
    }

    /// <summary>[hidden].</summary>
    public Vector InputNorm { get; }

    /// <summary>[query + 2·keyValue, hidden]: q, k and v as one GEMM.</summary>
    public Matrix QueryKeyValue { get; }

    /// <summary>[query + 2·keyValue], or empty.</summary>
    public Vector QueryKeyValueBias { get; }

    /// <summary>[headDimension], or empty.</summary>
    public Vector QueryNorm { get; }

    /// <summary>[headDimension], or empty.</summary>
    public Vector KeyNorm { get; }

    /// <summary>[hidden, query].</summary>
    public Matrix Output { get; }

    /// <summary>[hidden], or empty.</summary>
    public Vector OutputBias { get; }

    /// <summary>[hidden].</summary>
    public Vector PostNorm { get; }

    /// <summary>[2·intermediate, hidden]: gate and up as one GEMM.</summary>
    public Matrix GateUp { get; }

    /// <summary>[hidden, intermediate].</summary>
    public Matrix Down { get; }

    /// <summary>The view of a parameter, and of those that follow it up to <paramref name="length"/> elements; empty if the model has none of that name.</summary>
    public static Vector VectorAt(Vector arena, ParameterLayout layout, string name, int? length = null) =>
        layout.TryGet(name, out var tensor) ? arena.Slice(tensor.Offset, length ?? tensor.Length) : default;

    /// <summary>The view of a matrix that begins with the named parameter.</summary>
    public static Matrix MatrixAt(Vector arena, ParameterLayout layout, string name, int rows, int columns) =>
        arena.Slice(layout[name].Offset, (long)rows * columns).AsMatrix(rows, columns);
}
