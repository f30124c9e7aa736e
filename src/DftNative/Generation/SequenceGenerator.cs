using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Generation;

/// <summary>
/// Samples sequences with a key/value cache. A finished sequence's place is taken by the next prompt at once: a pass
/// holds the last token of every running sequence and, chunk by chunk, the prompts of those that have just begun.
/// </summary>
/// <remarks>
/// What is sampled for a request does not depend on the requests beside it nor on its slot. A prompt is cut at places
/// that depend on nothing else, and a row of a matrix product is the same among any others on the CPU. On a device
/// whose products depend on their number of rows, each chunk is a pass of its own, and every decoding pass has
/// <see cref="DecodingRows"/> rows: dead ones where fewer sequences run, several passes a step where more do.
/// </remarks>
public sealed class SequenceGenerator : IDisposable
{
    /// <summary>Chunks are multiples of this where they can be: the rows of the CPU's attention blocks then fall as in one pass.</summary>
    internal const int ChunkStep = 64;

    /// <summary>The most tokens of a chunk.</summary>
    internal const int MaxChunkLength = 512;

    /// <summary>Rows of a decoding pass on a device that fills up passes: as many as cost it no more than one.</summary>
    internal const int DecodingRows = 64;

    /// <summary>Rows of logits begin at whole packets of a device.</summary>
    private const int LogitsAlignment = 4;

    private static readonly int[] DeadTokens = new int[DecodingRows];

    private readonly IBackend backend;
    private readonly Transformer transformer;
    private readonly Tokenizer? tokenizer;
    private readonly KeyValueCache cache;
    private readonly DeviceBuffer logitsBuffer;
    private readonly int logitsStride;
    private readonly SamplingRow[] rows;
    private readonly DrawnToken[] drawn;
    private readonly List<int> earlierTokens = [];
    private readonly int chunkLength;
    private readonly int decodingRows;
    private int nextSlot;

    /// <summary>Allocates the cache.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">The model; not owned. A pass holds at most its MaxTokens.</param>
    /// <param name="slots">Sequences sampled at once.</param>
    /// <param name="capacity">The most tokens of a sequence, its prompt included; at most the transformer's MaxPositions.</param>
    /// <param name="tokenizer">Makes the sequences' texts; null: tokens only, and no stop strings.</param>
    public SequenceGenerator(IBackend backend, Transformer transformer, int slots, int capacity, Tokenizer? tokenizer = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, transformer.MaxPositions);
        if (!backend.PadsMicroBatches) ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, transformer.MaxTokens);
        (this.backend, this.transformer, this.tokenizer) = (backend, transformer, tokenizer);
        decodingRows = backend.PadsMicroBatches ? Math.Min(DecodingRows, transformer.MaxTokens) : slots;
        rows = new SamplingRow[Math.Min(slots, decodingRows)];
        drawn = new DrawnToken[rows.Length];
        cache = new KeyValueCache(
            backend, transformer.Configuration, slots, capacity, transformer.MaxTokens, backend.PadsMicroBatches ? decodingRows - 1 : 0, rows.Length);
        logitsStride = (VocabularySize + LogitsAlignment - 1) / LogitsAlignment * LogitsAlignment;
        logitsBuffer = backend.Allocate(DataType.Float32, (long)decodingRows * logitsStride, MemoryCategory.Workspace, "logits");

        // The first chunk always has room, whatever else runs.
        var room = backend.PadsMicroBatches ? transformer.MaxTokens : transformer.MaxTokens - slots + 1;
        chunkLength = room < ChunkStep ? room : Math.Min(MaxChunkLength, room / ChunkStep * ChunkStep);
    }

    /// <summary>The most tokens of a prompt: one new token must have room.</summary>
    public int MaxPromptLength => cache.Capacity - 1;

    /// <summary>The tokens that the model has.</summary>
    public int VocabularySize => transformer.Configuration.VocabularySize;

    /// <summary>Samples one sequence for each prompt; its number is its stream.</summary>
    /// <param name="prompts">Token ids, none empty, none longer than <see cref="MaxPromptLength"/>, all of the model's vocabulary.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <returns>What was sampled, in the order of the prompts.</returns>
    /// <exception cref="DftNativeException">A prompt is empty or too long or has a token that the model has not, or the logits are not finite.</exception>
    public GeneratedSequence[] Generate(IReadOnlyList<int[]> prompts, GenerationOptions options, CancellationToken cancellation = default)
    {
        var results = new ResultCollector(prompts.Count);
        Generate([.. prompts.Select((prompt, index) => new GenerationRequest(prompt, (ulong)index))], options, results, cancellation);
        return results.Sequences;
    }

    /// <summary>Samples a sequence for each request.</summary>
    /// <param name="requests">Their prompts as for the other overload.</param>
    /// <param name="options">How.</param>
    /// <param name="observer">Told of tokens and of finished sequences, in the order in which they come.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="DftNativeException">A prompt is empty or too long or has a token that the model has not, or the logits are not finite.</exception>
    public void Generate(IReadOnlyList<GenerationRequest> requests, GenerationOptions options, IGenerationObserver observer, CancellationToken cancellation = default)
    {
        options.Validate();
        if (tokenizer is null && options.StopStrings.Count > 0) throw new ArgumentException("Stop strings need a generator with a tokenizer.", nameof(options));
        for (var i = 0; i < requests.Count; i++) CheckPrompt(requests[i].Prompt, i);
        var slots = new RunningSequence?[cache.Slots];
        var parts = new List<CachedPart>(cache.Slots);
        var next = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var slot = 0; slot < slots.Length && next < requests.Count; slot++)
                slots[slot] ??= new RunningSequence(next, requests[next++], options, cache.Capacity, tokenizer);
            parts.Clear();
            if (backend.PadsMicroBatches) PlanUniformPass(slots, parts);
            else PlanMixedPass(slots, parts);
            if (parts.Count == 0) return;
            Run(parts);
            Draw(parts, slots, options, observer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        logitsBuffer.Dispose();
    }

    /// <summary>Every decoding sequence's token, and the chunks that there is room for; those within a prompt, behind which nothing is drawn, come last.</summary>
    private void PlanMixedPass(RunningSequence?[] slots, List<CachedPart> parts)
    {
        var (room, wantedCount) = (transformer.MaxTokens - slots.Count(static running => running is { IsDecoding: true }), 0);
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot] is not { } running) continue;
            var part = running.NextPart(slot, chunkLength);
            if (!running.IsDecoding)
            {
                if (part.Tokens.Length > room) continue;
                room -= part.Tokens.Length;
            }

            if (running.IsNextDrawnAfter(part)) parts.Insert(wantedCount++, part);
            else parts.Add(part);
        }
    }

    /// <summary>One chunk, or the tokens of as many decoding sequences as there are rows, in turn.</summary>
    private void PlanUniformPass(RunningSequence?[] slots, List<CachedPart> parts)
    {
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot] is not { IsDecoding: false } running) continue;
            parts.Add(running.NextPart(slot, chunkLength));
            return;
        }

        for (var i = 0; i < slots.Length && parts.Count < decodingRows; i++)
        {
            var slot = (nextSlot + i) % slots.Length;
            if (slots[slot] is { } running) parts.Add(running.NextPart(slot, chunkLength));
        }

        if (parts.Count > 0) nextSlot = (parts[^1].Slot + 1) % slots.Length;
    }

    private void Run(List<CachedPart> parts)
    {
        var (liveCount, rowCount) = (parts.Count, parts.Count);
        if (backend.PadsMicroBatches && parts[0].Tokens.Length == 1)
        {
            rowCount = decodingRows;
            AddDeadTokens(parts, decodingRows - liveCount);
        }

        transformer.ForwardCached(CollectionsMarshal.AsSpan(parts), cache, Logits(rowCount));
        parts.RemoveRange(liveCount, parts.Count - liveCount);
    }

    private Matrix Logits(int rowCount) => new(logitsBuffer, 0, rowCount, VocabularySize, logitsStride);

    /// <summary>Dead tokens see one another and nothing else; no sequence sees them.</summary>
    private void AddDeadTokens(List<CachedPart> parts, int count)
    {
        for (var first = 0; first < count; first += transformer.MaxPositions)
            parts.Add(new CachedPart(cache.Slots + first, 0, DeadTokens.AsMemory(0, Math.Min(transformer.MaxPositions, count - first))));
    }

    /// <summary>A token for every sequence whose prompt is in the cache: they are the pass's first parts.</summary>
    private void Draw(List<CachedPart> parts, RunningSequence?[] slots, GenerationOptions options, IGenerationObserver observer)
    {
        earlierTokens.Clear();
        var count = 0;
        foreach (var part in parts)
        {
            var running = slots[part.Slot]!;
            running.Advance(part.Tokens.Length);
            if (!running.HoldsPrompt) continue;
            rows[count++] = new SamplingRow(running.Random, earlierTokens.Count, running.EarlierTokens.Count);
            earlierTokens.AddRange(running.EarlierTokens);
        }

        if (count == 0) return;
        backend.SampleTokens(Logits(count), options, rows.AsSpan(0, count), CollectionsMarshal.AsSpan(earlierTokens), drawn);
        for (var i = 0; i < count; i++)
        {
            var running = slots[parts[i].Slot]!;
            var finished = running.Add(drawn[i], out var piece);
            observer.OnToken(running.Index, drawn[i].Token, piece);
            if (finished is null) continue;
            slots[parts[i].Slot] = null;
            observer.OnFinished(running.Index, finished);
        }
    }

    private void CheckPrompt(int[] prompt, int index)
    {
        if (prompt.Length == 0) throw new DftNativeException(ExitCode.InvalidInput, $"prompt {index + 1} has no tokens; give at least one");
        if (prompt.Length > MaxPromptLength)
            throw new DftNativeException(ExitCode.InvalidInput, $"prompt {index + 1} has {prompt.Length} tokens, more than the {MaxPromptLength} there is room for; shorten it or raise the maximal length");
        if (GenerationRequest.FindUnknownToken(prompt, VocabularySize) is { } error) throw new DftNativeException(ExitCode.InvalidInput, $"prompt {index + 1} {error}");
    }
}
