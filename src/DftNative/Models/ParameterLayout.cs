namespace DftNative.Models;

/// <summary>
/// Where each parameter lies in a flat arena. Weights that one GEMM reads together (q, k and v; gate and up) are
/// neighbours, so that the fused matrix is a view of the same memory as its parts.
/// </summary>
public sealed class ParameterLayout
{
    /// <summary>Elements that a group of parameters is aligned to: 256 bytes of bf16.</summary>
    private const int Alignment = 128;

    private readonly List<ParameterTensor> tensors = [];
    private readonly Dictionary<string, ParameterTensor> byName = new(StringComparer.Ordinal);
    private long end;

    /// <summary>Lays out the parameters of a model.</summary>
    public ParameterLayout(ModelConfiguration configuration)
    {
        int hidden = configuration.HiddenSize, query = configuration.QuerySize, keyValue = configuration.KeyValueSize;
        AddGroup(("model.embed_tokens.weight", [configuration.VocabularySize, hidden]));
        for (var layer = 0; layer < configuration.LayerCount; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            AddGroup((prefix + "input_layernorm.weight", [hidden]));
            AddGroup(
                (prefix + "self_attn.q_proj.weight", [query, hidden]),
                (prefix + "self_attn.k_proj.weight", [keyValue, hidden]),
                (prefix + "self_attn.v_proj.weight", [keyValue, hidden]));
            if (configuration.QueryKeyValueBias)
            {
                AddGroup(
                    (prefix + "self_attn.q_proj.bias", [query]),
                    (prefix + "self_attn.k_proj.bias", [keyValue]),
                    (prefix + "self_attn.v_proj.bias", [keyValue]));
            }

            if (configuration.QueryKeyNorm)
            {
                AddGroup((prefix + "self_attn.q_norm.weight", [configuration.HeadDimension]));
                AddGroup((prefix + "self_attn.k_norm.weight", [configuration.HeadDimension]));
            }

            AddGroup((prefix + "self_attn.o_proj.weight", [hidden, query]));
            if (configuration.AttentionOutputBias) AddGroup((prefix + "self_attn.o_proj.bias", [hidden]));
            AddGroup((prefix + "post_attention_layernorm.weight", [hidden]));
            AddGroup(
                (prefix + "mlp.gate_proj.weight", [configuration.IntermediateSize, hidden]),
                (prefix + "mlp.up_proj.weight", [configuration.IntermediateSize, hidden]));
            AddGroup((prefix + "mlp.down_proj.weight", [hidden, configuration.IntermediateSize]));
        }

        AddGroup(("model.norm.weight", [hidden]));
        if (!configuration.TieWordEmbeddings) AddGroup(("lm_head.weight", [configuration.VocabularySize, hidden]));
    }

    /// <summary>The parameters, in the order of the arena.</summary>
    public IReadOnlyList<ParameterTensor> Tensors => tensors;

    /// <summary>Elements of the arena, the gaps between groups included.</summary>
    public long ArenaLength => end;

    /// <summary>Elements of the parameters, the gaps not included.</summary>
    public long ParameterCount => tensors.Sum(tensor => tensor.Length);

    /// <summary>The parameter of that name.</summary>
    public ParameterTensor this[string name] => byName[name];

    /// <summary>The parameter of that name, or false.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ParameterTensor? tensor) => byName.TryGetValue(name, out tensor);

    private void AddGroup(params ReadOnlySpan<(string Name, int[] Shape)> group)
    {
        foreach (var (name, shape) in group)
        {
            var tensor = new ParameterTensor(name, shape, end);
            tensors.Add(tensor);
            byName.Add(name, tensor);
            end += tensor.Length;
        }

        end = (end + Alignment - 1) / Alignment * Alignment;
    }
}
