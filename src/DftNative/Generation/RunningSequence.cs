using DftNative.Backends;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Generation;

/// <summary>A sequence that has a slot of the cache.</summary>
internal sealed class RunningSequence
{
    private readonly GenerationRequest request;
    private readonly GenerationOptions options;
    private readonly List<int> tokens = [];
    private readonly List<float>? logProbabilities;
    private readonly SequenceText? text;
    private readonly HashSet<int> isEarlier = [];
    private readonly List<int> earlierTokens = [];
    private readonly int[] last = new int[1];
    private readonly int maxNewTokens;
    private int position;

    public RunningSequence(int index, GenerationRequest request, GenerationOptions options, int capacity, Tokenizer? tokenizer)
    {
        (Index, this.request, this.options) = (index, request, options);
        maxNewTokens = Math.Min(options.MaxNewTokens, capacity - request.Prompt.Length);
        if (options.KeepsLogProbabilities) logProbabilities = [];
        if (tokenizer is not null) text = new SequenceText(tokenizer, options.StopStrings);
        if (!options.Penalizes) return;
        foreach (var token in request.Prompt) AddEarlier(token);
    }

    /// <summary>Its number among the requests.</summary>
    public int Index { get; }

    /// <summary>Whether a pass takes its last drawn token.</summary>
    public bool IsDecoding => tokens.Count > 0;

    /// <summary>Whether the cache holds the whole prompt.</summary>
    public bool HoldsPrompt => position >= request.Prompt.Length;

    /// <summary>Distinct tokens of the prompt and of the sequence, if there is a repetition penalty.</summary>
    public IReadOnlyList<int> EarlierTokens => earlierTokens;

    /// <summary>What decides the next draw.</summary>
    public ulong Random => CounterRandom.Bits(options.Seed, (ulong)tokens.Count, request.Stream);

    /// <summary>Tokens that a pass takes next: the last drawn one, or the prompt's next chunk.</summary>
    public CachedPart NextPart(int slot, int chunkLength) => IsDecoding
        ? new CachedPart(slot, position, last)
        : new CachedPart(slot, position, request.Prompt.AsMemory(position, Math.Min(chunkLength, request.Prompt.Length - position)));

    /// <summary>Whether a part's logits are the next token's: those of a chunk that does not end the prompt are not.</summary>
    public bool IsNextDrawnAfter(CachedPart part) => position + part.Tokens.Length >= request.Prompt.Length;

    /// <summary>Notes what a pass has put into the cache.</summary>
    public void Advance(int count) => position += count;

    /// <summary>Adds a drawn token.</summary>
    /// <param name="drawn">The token.</param>
    /// <param name="piece">The text that is certain now.</param>
    /// <returns>The whole sequence if the token ends it, else null.</returns>
    public GeneratedSequence? Add(DrawnToken drawn, out string piece)
    {
        tokens.Add(drawn.Token);
        logProbabilities?.Add(drawn.LogProbability);
        if (options.Penalizes) AddEarlier(drawn.Token);
        last[0] = drawn.Token;
        var isStopToken = options.StopTokenIds.Contains(drawn.Token);
        piece = isStopToken || text is null ? "" : text.Append(drawn.Token);
        FinishReason? reason = isStopToken ? FinishReason.StopToken
            : text is { IsStopped: true } ? FinishReason.StopString
            : tokens.Count >= maxNewTokens ? FinishReason.Length : null;
        if (reason is null) return null;
        piece += text?.Complete();
        return new GeneratedSequence([.. tokens], text is { IsStopped: true } ? FinishReason.StopString : reason.Value)
        {
            Text = text?.ToString(),
            LogProbabilities = logProbabilities?.ToArray(),
        };
    }

    private void AddEarlier(int token)
    {
        if (isEarlier.Add(token)) earlierTokens.Add(token);
    }
}
