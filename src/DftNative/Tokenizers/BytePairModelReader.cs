using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>
/// Reads the <c>model</c> part of a <c>tokenizer.json</c>, straight from the file's bytes: it is nearly all of the
/// file, and a document tree of it would take longer than everything else.
/// </summary>
/// <param name="path">The file, for messages.</param>
internal sealed class BytePairModelReader(string path)
{
    /// <summary>No real vocabulary comes near; a greater id would only ask for that much memory.</summary>
    public const int MaxId = 1 << 24;

    private readonly Dictionary<string, JsonElement> settings = [];
    private Vocabulary? vocabulary;
    private MergeTable? merges;
    private bool isVocabularyObject = true;

    /// <summary>Whether some merge makes a token with SentencePiece's space mark behind another character: words cannot be cut there.</summary>
    public bool MergesAcrossMarks { get; private set; }

    /// <summary>Reads the part.</summary>
    /// <param name="reader">Stands on the part's first token; afterwards on its last.</param>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Malformed("'model' is not an object");
        Utf8JsonReader postponed = default;
        var isPostponed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "vocab")
            {
                ReadVocabulary(ref reader);
            }
            else if (name == "merges" && vocabulary is null)
            {
                postponed = reader;
                isPostponed = true;
                reader.Skip();
            }
            else if (name == "merges")
            {
                ReadMerges(ref reader);
            }
            else
            {
                using var document = JsonDocument.ParseValue(ref reader);
                settings[name] = document.RootElement.Clone();
            }
        }

        if (isPostponed && vocabulary is not null) ReadMerges(ref postponed);
    }

    /// <summary>Whether a word that is itself a token is not built by merges.</summary>
    public bool IgnoresMerges => IsSet("ignore_merges");

    /// <summary>The model that was read.</summary>
    /// <param name="isByteLevel">Whether words are cut into bytes.</param>
    public BytePairModel Complete(bool isByteLevel)
    {
        // Files older than the field hold BPE where they hold merges.
        var type = TextOf("type") ?? (merges is null ? "without a type" : "BPE");
        if (type != "BPE") throw Unsupported($"model {type}");
        if (!isVocabularyObject || vocabulary is null || merges is null) throw Malformed("model.vocab or model.merges is missing or has the wrong type");
        if (settings.TryGetValue("dropout", out var dropout) && dropout.ValueKind != JsonValueKind.Null && dropout.GetDouble() != 0) throw Unsupported("model.dropout");
        if (!string.IsNullOrEmpty(TextOf("continuing_subword_prefix"))) throw Unsupported("model.continuing_subword_prefix");
        if (!string.IsNullOrEmpty(TextOf("end_of_word_suffix"))) throw Unsupported("model.end_of_word_suffix");
        var options = new BytePairOptions(TextOf("unk_token"), IsSet("fuse_unk"), IsSet("ignore_merges"), IsSet("byte_fallback"));
        if (options.UnknownToken is { } unknown && vocabulary.Find(unknown) is null) throw Malformed($"model.unk_token '{unknown}' is not in the vocabulary");
        return new BytePairModel(vocabulary, merges, options, isByteLevel);
    }

    /// <summary>The model of a vocabulary and merges that stand in files of their own.</summary>
    /// <param name="vocabularyJson">The bytes of <c>vocab.json</c>.</param>
    /// <param name="mergeLines">The lines of <c>merges.txt</c>.</param>
    /// <param name="unknownToken">What a byte without a token becomes, or null.</param>
    public BytePairModel ReadSeparate(ReadOnlySpan<byte> vocabularyJson, IReadOnlyList<string> mergeLines, string? unknownToken)
    {
        var reader = new Utf8JsonReader(vocabularyJson);
        reader.Read();
        ReadVocabulary(ref reader);
        if (vocabulary is null) throw Malformed("it does not hold one object of tokens");
        merges = new MergeTable(mergeLines.Count);
        var buffer = new byte[2048];
        for (int i = 0, rank = 0; i < mergeLines.Count; i++)
        {
            var line = Encoding.UTF8.GetBytes(mergeLines[i]);
            if (line.Length == 0 || (i == 0 && line.AsSpan().StartsWith("#version"u8))) continue;
            AddMerge(line, rank++, buffer);
        }

        var unknown = unknownToken is not null && vocabulary.Find(unknownToken) is not null ? unknownToken : null;
        return new BytePairModel(vocabulary, merges, new BytePairOptions(unknown, false, false, false), isByteLevel: true);
    }

    private DftNativeException Unsupported(string what) => new(ExitCode.InvalidInput, $"{path}: {what} is not supported; the model must be a BPE");

    private DftNativeException Malformed(string what) => new(ExitCode.InvalidInput, $"{path}: {what}; get the file again");

    private string? TextOf(string name) => settings.TryGetValue(name, out var value) ? value.GetString() : null;

    private bool IsSet(string name) => settings.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null && value.GetBoolean();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            isVocabularyObject = false;
            reader.Skip();
            return;
        }

        var result = new Vocabulary();
        var buffer = new byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var token = TextOf(ref reader, ref buffer);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id) || id is < 0 or > MaxId)
                throw Malformed($"the vocabulary's token '{Encoding.UTF8.GetString(token)}' has the id {Encoding.UTF8.GetString(reader.ValueSpan)}");
            result.Set(token, id);
        }

        vocabulary = result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadMerges(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Malformed("model.merges is not an array");
        merges = new MergeTable(vocabulary!.Count);
        byte[] left = new byte[256], right = new byte[256], merged = new byte[2048];
        var rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                if (!ReadText(ref reader, ref left, out var first) || !ReadText(ref reader, ref right, out var second) || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                    throw Malformed($"merge {rank} does not hold two tokens");
                AddMerge(first, second, rank++, merged);
                continue;
            }

            if (reader.TokenType != JsonTokenType.String) throw Malformed($"merge {rank} does not hold two tokens");
            var text = TextOf(ref reader, ref left);
            if (text.StartsWith("#version"u8)) continue;
            AddMerge(text, rank++, merged);
        }
    }

    private static bool ReadText(ref Utf8JsonReader reader, ref byte[] buffer, out ReadOnlySpan<byte> text)
    {
        text = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.String) return false;
        text = TextOf(ref reader, ref buffer);
        return true;
    }

    /// <summary>The text that the reader stands on, in UTF-8: of the file itself where nothing is escaped.</summary>
    private static ReadOnlySpan<byte> TextOf(ref Utf8JsonReader reader, ref byte[] buffer)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        if (buffer.Length < reader.ValueSpan.Length) buffer = new byte[reader.ValueSpan.Length];
        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    private void AddMerge(ReadOnlySpan<byte> line, int rank, byte[] buffer)
    {
        var separator = line.IndexOf((byte)' ');
        if (separator < 0) throw Malformed($"merge {rank} does not hold two tokens");
        AddMerge(line[..separator], line[(separator + 1)..], rank, buffer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddMerge(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int rank, byte[] buffer)
    {
        if (left.Length + right.Length > buffer.Length) throw Malformed($"merge {rank} makes a token of more than {buffer.Length} bytes");
        left.CopyTo(buffer);
        right.CopyTo(buffer.AsSpan(left.Length));
        var merged = buffer.AsSpan(0, left.Length + right.Length);
        int leftId = vocabulary!.Find(left), rightId = vocabulary.Find(right), mergedId = vocabulary.Find(merged);
        if (leftId < 0 || rightId < 0 || mergedId < 0)
            throw Malformed($"merge {rank} ('{Encoding.UTF8.GetString(left)}' and '{Encoding.UTF8.GetString(right)}') is of tokens that the vocabulary does not hold");
        MergesAcrossMarks |= SpaceMark.StandsInside(merged);
        merges!.Set(leftId, rightId, rank, mergedId);
    }
}
