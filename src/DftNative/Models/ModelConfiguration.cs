namespace DftNative.Models;

/// <summary>What of a Hugging Face config.json decides the mathematics. Checked when made: every number is in its range.</summary>
public sealed record ModelConfiguration
{
    /// <summary>The family.</summary>
    public required ModelArchitecture Architecture { get; init; }

    /// <summary>Rows of the embedding (vocab_size).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Channels of the residual stream (hidden_size).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Channels of the feed-forward layer (intermediate_size).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Decoder layers (num_hidden_layers).</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads (num_attention_heads).</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads (num_key_value_heads); divides HeadCount.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Channels of a head (head_dim, else hidden_size / num_attention_heads); even.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>ε of every RMSNorm (rms_norm_eps).</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>RoPE's base (rope_theta).</summary>
    public required double RopeTheta { get; init; }

    /// <summary>How RoPE is stretched.</summary>
    public RotaryScaling RopeScaling { get; init; } = new RotaryScaling.Default();

    /// <summary>Positions the model was made for (max_position_embeddings).</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Whether the LM head is the embedding (tie_word_embeddings).</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether each head of q and k is normalised (Qwen3).</summary>
    public bool QueryKeyNorm => Architecture == ModelArchitecture.Qwen3;

    /// <summary>Tokens that end a sequence (eos_token_id, one or several), from config.json; empty if it names none.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Channels of all query heads.</summary>
    public int QuerySize => HeadCount * HeadDimension;

    /// <summary>Channels of all key heads, or of all value heads.</summary>
    public int KeyValueSize => KeyValueHeadCount * HeadDimension;
}
