namespace DftNative.Hub;

/// <summary>Which files of a model are wanted.</summary>
public enum HubFileSet
{
    /// <summary>The configuration and what a tokenizer needs: no weights.</summary>
    Tokenizer,

    /// <summary>All that a model directory needs, the weights in safetensors included.</summary>
    Model,
}
