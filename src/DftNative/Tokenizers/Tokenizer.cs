using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// A model's tokenizer, read from its Hugging Face directory: byte-level BPE and SentencePiece's BPE. Its ids are those
/// of Hugging Face's tokenizers library. Safe to use from several threads.
/// </summary>
public sealed class Tokenizer
{
    private readonly TokenizerComponents components;
    private readonly TokenizerConfiguration configuration;
    private readonly AddedTokenMatcher rawMatcher;
    private readonly AddedTokenMatcher normalizedMatcher;
    private readonly Dictionary<int, AddedToken> addedById;
    private readonly Dictionary<string, AddedToken> addedByContent;

    private Tokenizer(TokenizerComponents components, TokenizerConfiguration configuration)
    {
        (this.components, this.configuration) = (components, configuration);
        rawMatcher = new AddedTokenMatcher(components.AddedTokens.Where(token => !token.IsNormalized).Select(token => (token.Content, token)));
        normalizedMatcher = new AddedTokenMatcher(components.AddedTokens.Where(token => token.IsNormalized).Select(token => (Normalize(token.Content), token)));
        addedById = [];
        addedByContent = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var token in components.AddedTokens)
        {
            addedById[token.Id] = token;
            addedByContent[token.Content] = token;
        }

        VocabularySize = Math.Max(components.Model.Vocabulary.IdLimit, addedById.Keys.DefaultIfEmpty(-1).Max() + 1);
        EosTokenId = configuration.EosToken is { } eos ? TokenToId(eos) : FirstOrNull(configuration.GenerationEosTokenIds);
        BosTokenId = configuration.BosToken is { } bos ? TokenToId(bos) : null;
        PadTokenId = configuration.PadToken is { } pad ? TokenToId(pad) : null;
        EosTokenIds = [.. (EosTokenId is { } first ? new[] { first } : []).Concat(configuration.GenerationEosTokenIds).Distinct()];
    }

    /// <summary>The id that ends a text: the tokenizer's eos_token, else generation_config's first; null where nothing says.</summary>
    public int? EosTokenId { get; }

    /// <summary>Every id that ends a text or a generation, <see cref="EosTokenId"/> first.</summary>
    public IReadOnlyList<int> EosTokenIds { get; }

    /// <summary>The id of the token that begins a text, or null.</summary>
    public int? BosTokenId { get; }

    /// <summary>The id of the padding token, or null.</summary>
    public int? PadTokenId { get; }

    /// <summary>The token that begins a text, or null.</summary>
    public string? BosToken => configuration.BosToken;

    /// <summary>The model's own Jinja chat template, or null.</summary>
    public string? ChatTemplate => configuration.ChatTemplates.GetValueOrDefault("default");

    /// <summary>The model's own Jinja chat templates by name, <see cref="ChatTemplate"/> as <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates => configuration.ChatTemplates;

    /// <summary>Texts of the special tokens by the names that chat templates know them by, such as <c>eos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens => configuration.SpecialTokens;

    /// <summary>Whether a text's bytes are those of its tokens, one after the other.</summary>
    internal bool DecodesToBytes => components.Decoders is [ByteLevelDecoder];

    /// <summary>One more than the greatest id, added tokens included. A model's embedding may have more rows.</summary>
    public int VocabularySize { get; }

    /// <summary>Reads the tokenizer files of a model directory; weights are not needed.</summary>
    /// <param name="modelDirectory">
    /// A directory with <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>, or <c>tokenizer.model</c>;
    /// tokenizer_config.json and its like are read where they are.
    /// </param>
    /// <exception cref="DftNativeException">A file is missing, malformed, or describes a tokenizer that is not understood.</exception>
    public static Tokenizer Load(string modelDirectory)
    {
        var configuration = TokenizerConfiguration.Load(modelDirectory);
        return new Tokenizer(TokenizerFiles.Read(modelDirectory, configuration), configuration);
    }

    /// <summary>Whether a directory holds tokenizer files that <see cref="Load"/> reads.</summary>
    public static bool Exists(string modelDirectory) => TokenizerFiles.Exist(modelDirectory);

    /// <summary>The ids of a text. Added tokens that stand in the text, special ones too, are recognised.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's template is applied, such as Llama 3's begin-of-text.</param>
    /// <exception cref="DftNativeException">The text has an unpaired surrogate.</exception>
    public int[] Encode(string text, bool addSpecialTokens = false) => Encode(text, [], addSpecialTokens).Ids;

    /// <summary>The ids of many texts, by several threads; the same as of each alone.</summary>
    /// <param name="texts">Well-formed UTF-16.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's template is applied.</param>
    /// <param name="threadCount">The most threads; 0: as many as there are processors.</param>
    /// <exception cref="DftNativeException">A text has an unpaired surrogate.</exception>
    public int[][] EncodeBatch(IReadOnlyList<string> texts, bool addSpecialTokens = false, int threadCount = 0)
    {
        const int TextsAtOnce = 32;
        var results = new int[texts.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threadCount > 0 ? threadCount : Environment.ProcessorCount };
        try
        {
            Parallel.For(0, (texts.Count + TextsAtOnce - 1) / TextsAtOnce, options, part =>
            {
                for (var i = part * TextsAtOnce; i < Math.Min(texts.Count, (part + 1) * TextsAtOnce); i++) results[i] = Encode(texts[i], addSpecialTokens);
            });
        }
        catch (AggregateException error) when (error.InnerException is DftNativeException first)
        {
            throw new DftNativeException(first.ExitCode, first.Message, error);
        }

        return results;
    }

    /// <summary>The text of ids; bytes that are not UTF-8 become U+FFFD, ids without a token nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecialTokens = false)
    {
        if (!DecodesToBytes)
        {
            var tokens = ids.Where(id => !skipSpecialTokens || !IsSpecial(id)).Select(IdToToken).OfType<string>().ToList();
            return string.Concat(components.Decoders.Aggregate(tokens, (list, decoder) => decoder.Decode(list)));
        }

        var bytes = new List<byte>(ids.Count * 4);
        for (var i = 0; i < ids.Count; i++)
            if (!skipSpecialTokens || !IsSpecial(ids[i])) bytes.AddRange(GetTokenBytes(ids[i]));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The id of a token: an added token's text, or a token of the vocabulary in the byte-level alphabet; null where there is none.</summary>
    public int? TokenToId(string token) =>
        addedByContent.TryGetValue(token, out var added) ? added.Id : components.Model.Vocabulary.Find(token);

    /// <summary>The token of an id, as <see cref="TokenToId"/> takes it; null where there is none.</summary>
    public string? IdToToken(int id) =>
        addedById.TryGetValue(id, out var added) ? added.Content
        : components.Model.Vocabulary.Has(id) ? Encoding.UTF8.GetString(components.Model.Vocabulary.Utf8Of(id)) : null;

    /// <summary>Whether the id is a special token's.</summary>
    public bool IsSpecial(int id) => addedById.TryGetValue(id, out var token) && token.IsSpecial;

    /// <summary>The bytes of text that an id stands for: perhaps a part of a character; empty where the id has no token.</summary>
    public byte[] GetTokenBytes(int id)
    {
        // An added token is plain text. (Hugging Face decodes it as byte-level where it can, and spoils such as "é".)
        if (addedById.TryGetValue(id, out var added)) return Encoding.UTF8.GetBytes(added.Content);
        if (IdToToken(id) is not { } token) return [];
        if (components.IsByteLevel) return ByteLevelAlphabet.ToBytes(token);
        return ByteFallbackToken.Parse(token) is { } value ? [value] : Encoding.UTF8.GetBytes(token.Replace(SpaceMark.Character, ' '));
    }

    /// <summary>The ids of a text, and the first token behind each of several places in it.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="boundaries">Ascending places in the text.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's template is applied.</param>
    internal EncodedText Encode(string text, ReadOnlySpan<int> boundaries, bool addSpecialTokens)
    {
        ThrowIfMalformed(text);
        var model = components.Model;
        var cache = model.Rent();
        try
        {
            var pass = new EncodingPass(model, cache, addSpecialTokens ? components.Template.Prefix : [], boundaries);
            foreach (var segment in rawMatcher.Split(text))
            {
                if (segment.TokenId is { } id)
                    pass.AddToken(id, segment.End);
                else
                    EncodeSegment(text, segment, pass);
            }

            return pass.Complete(addSpecialTokens ? components.Template.Suffix : []);
        }
        finally
        {
            model.Return(cache);
        }
    }

    private void EncodeSegment(string text, TextSegment segment, EncodingPass pass)
    {
        var given = segment.Start == 0 && segment.End == text.Length ? text : text[segment.Start..segment.End];
        var normalized = Normalize(given);
        pass.BeginNormalized(segment.End, place => ReferenceEquals(given, normalized)
            ? place - segment.Start
            : Normalize(text[segment.Start..place]).AsSpan().CommonPrefixLength(normalized));
        foreach (var part in normalizedMatcher.Split(normalized))
        {
            if (part.TokenId is { } id)
                pass.AddNormalizedToken(id, part.End);
            else
                pass.AddWords(normalized.AsSpan(part.Start, part.End - part.Start), part.Start, segment.Start == 0 && part.Start == 0, components.PreTokenizer);
        }
    }

    private string Normalize(string text) => components.Normalizer.Normalize(text);

    private static int? FirstOrNull(IReadOnlyList<int> ids) => ids.Count > 0 ? ids[0] : null;

    private static void ThrowIfMalformed(string text)
    {
        var position = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        while (position >= 0)
        {
            if (position + 1 >= text.Length || !char.IsSurrogatePair(text[position], text[position + 1]))
                throw new DftNativeException(ExitCode.InvalidInput, $"the text has an unpaired surrogate U+{(int)text[position]:X4} at UTF-16 position {position}; it is not Unicode text");
            position += 2;
            var skipped = text.AsSpan(position).IndexOfAnyInRange('\uD800', '\uDFFF');
            position = skipped < 0 ? -1 : position + skipped;
        }
    }
}
