using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Generation;

/// <summary>How many sequences are sampled at once, and what that takes.</summary>
/// <param name="Slots">Sequences at once.</param>
/// <param name="Capacity">The most tokens of a sequence, its prompt included.</param>
/// <param name="MaxTokens">The most tokens of a pass.</param>
public sealed record GenerationPlan(int Slots, int Capacity, int MaxTokens)
{
    /// <summary>The samples of a prompt in <c>generate</c> and <c>eval</c>.</summary>
    internal const string DefaultCountOption = "n";

    /// <summary>Sequences at once, unless memory or a user has it otherwise: a matrix product of as many rows is fast.</summary>
    private const int DefaultSlots = 64;

    /// <summary>The most bytes of keys and values, unless a user asks for more sequences.</summary>
    private const long DefaultCacheBytes = 4L << 30;

    /// <summary>Rows of a cache; some more are for dead tokens.</summary>
    private const int MaxCachedTokens = 1 << 30;

    /// <summary>The most sequences in all: their results are held until they are written.</summary>
    private const int MaxRequests = 1 << 26;

    /// <summary>Tokens that a model takes, prompt and answer together.</summary>
    /// <param name="configuration">The model.</param>
    public static int ContextLengthOf(ModelConfiguration configuration) => Math.Max(2, configuration.MaxPositionEmbeddings);

    /// <summary>Checks that so many sequences can be counted.</summary>
    /// <param name="requestCount">How many are sampled in all.</param>
    /// <param name="countOption">What a user knows the samples of a prompt as.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: they cannot.</exception>
    public static void CheckCount(long requestCount, string countOption)
    {
        if (requestCount > MaxRequests)
            throw new DftNativeException(ExitCode.Usage, $"{countOption}: {requestCount} answers are asked for, and {MaxRequests} are the most; lower it, or give fewer prompts");
    }

    /// <summary>Checks that tokens of a model can be drawn.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: its vocabulary is too large.</exception>
    public static void CheckVocabulary(ModelConfiguration configuration)
    {
        if (configuration.VocabularySize >= SamplingOperands.VocabularyLimit)
            throw new DftNativeException(ExitCode.InvalidInput, $"config.json: vocab_size {configuration.VocabularySize} is more than sampling can draw from, {SamplingOperands.VocabularyLimit - 1} tokens; the model can be trained, but not sampled");
    }

    /// <summary>Plans the generation of some sequences.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="computeType">The element type of the cache.</param>
    /// <param name="longestPrompt">Tokens of the longest prompt that is sampled for.</param>
    /// <param name="maxNewTokens">The most tokens that are added.</param>
    /// <param name="requestCount">How many sequences are sampled in all.</param>
    /// <param name="slots">Sequences at once; null: as many as are fast and have room.</param>
    /// <param name="countOption">What a user knows the samples of a prompt as.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: more sequences than can be counted, in all or at once; <see cref="ExitCode.InvalidInput"/>: a vocabulary that is too large.</exception>
    public static GenerationPlan Choose(
        ModelConfiguration configuration, DataType computeType, int longestPrompt, int maxNewTokens, long requestCount, int? slots, string countOption = DefaultCountOption)
    {
        CheckCount(requestCount, countOption);
        CheckVocabulary(configuration);
        var capacity = (int)Math.Min(Math.Max(1L, longestPrompt) + maxNewTokens, ContextLengthOf(configuration));
        var sequenceBytes = 2L * configuration.LayerCount * configuration.KeyValueSize * capacity * computeType.SizeInBytes();
        var count = slots ?? (int)Math.Clamp(Math.Min(DefaultCacheBytes / sequenceBytes, MaxCachedTokens / capacity), 1, DefaultSlots);
        count = (int)Math.Clamp(count, 1, Math.Max(1, requestCount));
        if ((long)count * capacity > MaxCachedTokens)
            throw new DftNativeException(ExitCode.Usage, $"batch_size: {count} sequences of up to {capacity} tokens are more than a cache holds, {MaxCachedTokens} tokens; lower it to {MaxCachedTokens / capacity}");
        var chunk = Math.Min(SequenceGenerator.MaxChunkLength, (Math.Max(1, longestPrompt) + SequenceGenerator.ChunkStep - 1) / SequenceGenerator.ChunkStep * SequenceGenerator.ChunkStep);
        return new GenerationPlan(count, capacity, chunk + count - 1);
    }

    /// <summary>What a transformer for it is made with.</summary>
    public TransformerOptions TransformerOptions => new(MaxTokens) { MaxPositions = Capacity };
}
