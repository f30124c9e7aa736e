namespace DftNative.Data;

/// <summary>How a conversation's answer ends.</summary>
public enum ResponseEnd
{
    /// <summary>As the chat template ends an assistant turn.</summary>
    Turn,

    /// <summary>
    /// By the tokenizer's <c>eos_token</c>, right after the answer, which follows the chat template's generation prompt
    /// and is tokenised on its own: what verl's SFT data set does, by which the DFT paper's models were trained.
    /// </summary>
    Eos,
}
