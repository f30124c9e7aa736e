using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Demo;

/// <summary>Problems and solutions as the model sees them.</summary>
internal sealed class DemoRows
{
    private readonly Tokenizer tokenizer;
    private readonly int eosTokenId;

    /// <summary>Rows of a tokenizer that has an end-of-text token.</summary>
    public DemoRows(Tokenizer tokenizer) => (this.tokenizer, eosTokenId) = (tokenizer, tokenizer.EosTokenId!.Value);

    /// <summary>A row: the prompt masked, the solution and the end of text trained.</summary>
    public TrainingRow CreateRow(AdditionProblem problem, string solution)
    {
        int[] prompt = EncodePrompt(problem), ids = [.. prompt, .. tokenizer.Encode(solution), eosTokenId];
        var labels = ids.ToArray();
        labels.AsSpan(0, prompt.Length).Fill(TrainingRow.IgnoredLabel);
        return new TrainingRow(ids, labels);
    }

    /// <summary>The ids that a solution is sampled after.</summary>
    public int[] EncodePrompt(AdditionProblem problem) => tokenizer.Encode(problem.Prompt);

    /// <summary>A sampled solution's text, its end of text left out.</summary>
    public string Decode(IReadOnlyList<int> tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true);
}
