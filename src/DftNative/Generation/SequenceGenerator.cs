using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Generation;

/// <summary>
/// Samples sequences with a key/value cache. A finished sequence's place is taken by the next prompt at once: a pass
/// holds the last token of every running sequence and the whole prompt of each that has just begun.
/// </summary>
public sealed class SequenceGenerator : IDisposable
{
    private readonly IBackend backend;
    private readonly Transformer transformer;
    private readonly KeyValueCache cache;
    private readonly DeviceBuffer logitsBuffer;
    private readonly float[] logits;

    /// <summary>Allocates the cache.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">The model; not owned. A pass holds at most its MaxTokens, a prompt no more.</param>
    /// <param name="slots">Sequences sampled at once.</param>
    /// <param name="capacity">The most tokens of a sequence, its prompt included; at most the transformer's MaxPositions.</param>
    public SequenceGenerator(IBackend backend, Transformer transformer, int slots, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, transformer.MaxPositions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, transformer.MaxTokens);
        (this.backend, this.transformer) = (backend, transformer);
        cache = new KeyValueCache(backend, transformer.Configuration, slots, capacity, transformer.MaxTokens);
        logitsBuffer = backend.Allocate(DataType.Float32, (long)slots * transformer.Configuration.VocabularySize, MemoryCategory.Workspace, "logits");
        logits = new float[checked(slots * transformer.Configuration.VocabularySize)];
    }

    /// <summary>Samples one sequence for each prompt.</summary>
    /// <param name="prompts">Token ids, none empty, each shorter than the cache's capacity.</param>
    /// <param name="options">How.</param>
    /// <param name="onToken">Told each new token as it is drawn: the prompt's index and the token.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <returns>What was sampled, in the order of the prompts.</returns>
    /// <exception cref="DftNativeException">A prompt is empty, or has no room for a new token.</exception>
    public GeneratedSequence[] Generate(
        IReadOnlyList<int[]> prompts, GenerationOptions options, Action<int, int>? onToken = null, CancellationToken cancellation = default)
    {
        for (var i = 0; i < prompts.Count; i++) CheckPrompt(prompts[i], i);
        var results = new GeneratedSequence[prompts.Count];
        var slots = new Running?[cache.Slots];
        var parts = new List<CachedPart>(cache.Slots);
        var next = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var room = transformer.MaxTokens - slots.Count(running => running is not null);
            for (var slot = 0; slot < slots.Length && next < prompts.Count; slot++)
            {
                if (slots[slot] is not null) continue;
                if (prompts[next].Length > room) break;
                room -= prompts[next].Length;
                slots[slot] = new Running(next, prompts[next], Math.Min(options.MaxNewTokens, cache.Capacity - prompts[next].Length));
                next++;
            }

            parts.Clear();
            for (var slot = 0; slot < slots.Length; slot++)
                if (slots[slot] is { } running) parts.Add(new CachedPart(slot, running.Position, running.Pending));
            if (parts.Count == 0) return results;
            Advance(parts, slots, results, options, onToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        logitsBuffer.Dispose();
    }

    private void Advance(List<CachedPart> parts, Running?[] slots, GeneratedSequence[] results, GenerationOptions options, Action<int, int>? onToken)
    {
        var vocabulary = transformer.Configuration.VocabularySize;
        var device = logitsBuffer.AsMatrix(parts.Count, vocabulary);
        transformer.ForwardCached(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts), cache, device);
        var count = parts.Count * vocabulary;
        backend.Download(logitsBuffer.AsVector().Slice(0, count), logits.AsSpan(0, count));
        for (var i = 0; i < parts.Count; i++)
        {
            var running = slots[parts[i].Slot]!;
            var row = logits.AsSpan(i * vocabulary, vocabulary);
            var token = options.Temperature == 0
                ? TokenSampler.ArgMax(row)
                : TokenSampler.Sample(row, options.Temperature, CounterRandom.Uniform(options.Seed, (ulong)running.Tokens.Count, (ulong)running.Index));
            running.Add(token);
            onToken?.Invoke(running.Index, token);
            var stopped = options.StopTokenIds.Contains(token);
            if (!stopped && running.Tokens.Count < running.MaxNewTokens) continue;
            results[running.Index] = new GeneratedSequence([.. running.Tokens], stopped);
            slots[parts[i].Slot] = null;
        }
    }

    private void CheckPrompt(int[] prompt, int index)
    {
        if (prompt.Length == 0) throw new DftNativeException(ExitCode.InvalidInput, $"Prompt {index + 1} has no tokens; give at least one.");
        var limit = Math.Min(cache.Capacity - 1, transformer.MaxTokens);
        if (prompt.Length > limit)
            throw new DftNativeException(ExitCode.InvalidInput, $"Prompt {index + 1} has {prompt.Length} tokens, more than the {limit} there is room for; shorten it or raise the maximal length.");
    }

    /// <summary>A sequence that has a slot.</summary>
    private sealed class Running(int index, int[] prompt, int maxNewTokens)
    {
        public int Index => index;

        public int MaxNewTokens => maxNewTokens;

        public List<int> Tokens { get; } = [];

        /// <summary>Tokens in the cache.</summary>
        public int Position { get; private set; }

        /// <summary>Tokens that the next pass takes.</summary>
        public ReadOnlyMemory<int> Pending { get; private set; } = prompt;

        public void Add(int token)
        {
            Position += Pending.Length;
            Tokens.Add(token);
            Pending = new[] { token };
        }
    }
}
