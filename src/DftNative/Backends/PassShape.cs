namespace DftNative.Backends;

/// <summary>The largest shapes of a model's passes: what the operations' scratch memory is sized by.</summary>
public readonly record struct PassShape
{
    /// <summary>Rows of a pass, T.</summary>
    public required int TokenCount { get; init; }

    /// <summary>Channels of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Channels of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the LM head.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Channels of a head.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Whether each head of q and k is normalised.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether there are the loss, backward and the gradients' norm; else forward alone.</summary>
    public bool Training { get; init; }

    /// <summary>Whether there is the loss without backward, where there is no training.</summary>
    public bool Scoring { get; init; }

    /// <summary>Rows whose logits the loss head holds at once.</summary>
    public int LossChunkRows { get; init; }

    /// <summary>Sequences of a key/value cache.</summary>
    public int CachedSequences { get; init; }

    /// <summary>The most tokens of each of them.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Rows of logits from which tokens are drawn at once.</summary>
    public int SampledRows { get; init; }

    /// <summary>The type of the parameters' gradients.</summary>
    public DataType GradientType { get; init; }

    /// <summary>[rows, columns] of each weight of a layer, by the products that compute with it, and of the LM head.</summary>
    public IEnumerable<(int Rows, int Columns)> WeightShapes()
    {
        var query = HeadCount * HeadDimension;
        return
        [
            (query + (2 * KeyValueHeadCount * HeadDimension), HiddenSize), (HiddenSize, query),
            (2 * IntermediateSize, HiddenSize), (HiddenSize, IntermediateSize), (VocabularySize, HiddenSize),
        ];
    }
}
