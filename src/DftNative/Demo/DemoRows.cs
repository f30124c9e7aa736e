using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Demo;

/// <summary>Prompts and responses as the model sees them.</summary>
internal sealed class DemoRows
{
    private readonly Tokenizer tokenizer;
    private readonly int eosTokenId;

    /// <summary>Rows of a tokenizer that has an end-of-text token.</summary>
    public DemoRows(Tokenizer tokenizer) => (this.tokenizer, eosTokenId) = (tokenizer, tokenizer.EosTokenId!.Value);

    /// <summary>A row: the prompt masked, the response and the end of text trained.</summary>
    public TrainingRow CreateRow(string prompt, string response)
    {
        int[] promptIds = EncodePrompt(prompt), ids = [.. promptIds, .. tokenizer.Encode(response), eosTokenId];
        var labels = ids.ToArray();
        labels.AsSpan(0, promptIds.Length).Fill(TrainingRow.IgnoredLabel);
        return new TrainingRow(ids, labels);
    }

    /// <summary>The ids that a response is sampled after.</summary>
    public int[] EncodePrompt(string prompt) => tokenizer.Encode(prompt);

    /// <summary>A sampled response's text, its end of text left out.</summary>
    public string Decode(IReadOnlyList<int> tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true);
}
