namespace DftNative.Generation;

/// <summary>What was sampled for one prompt.</summary>
/// <param name="Tokens">The new tokens, the one that ended the sequence included.</param>
/// <param name="FinishReason">What ended it.</param>
public sealed record GeneratedSequence(int[] Tokens, FinishReason FinishReason)
{
    /// <summary>Whether it came to an end of its own, and not to a limit.</summary>
    public bool Stopped => FinishReason != FinishReason.Length;

    /// <summary>The text of the tokens without special tokens and up to a stop string; null where the generator has no tokenizer.</summary>
    public string? Text { get; init; }

    /// <summary>[tokens] log p of each token under the model: softmax of the logits as they are, before temperature, penalty and filters; null unless asked for.</summary>
    public float[]? LogProbabilities { get; init; }
}
