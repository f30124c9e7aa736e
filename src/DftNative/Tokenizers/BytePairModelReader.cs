using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads the <c>model</c> part of a <c>tokenizer.json</c>.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class BytePairModelReader(string path)
{
    /// <summary>No real vocabulary comes near; a greater id would only ask for that much memory.</summary>
    private const int MaxId = 1 << 24;

    /// <summary>Reads the part.</summary>
    public BytePairModel Read(JsonElement model)
    {
        // Files older than the field hold BPE where they hold merges.
        var type = model.FindString("type") ?? (model.Find("merges") is null ? "without a type" : "BPE");
        if (type != "BPE") throw Unsupported($"model {type}");
        if (model.Find("dropout") is { } dropout && dropout.GetDouble() != 0) throw Unsupported("model.dropout");
        if (model.FindBoolean("byte_fallback", false)) throw Unsupported("model.byte_fallback");
        if (!string.IsNullOrEmpty(model.FindString("continuing_subword_prefix"))) throw Unsupported("model.continuing_subword_prefix");
        if (!string.IsNullOrEmpty(model.FindString("end_of_word_suffix"))) throw Unsupported("model.end_of_word_suffix");

        var vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        int? unknownId = model.FindString("unk_token") is { } unknown ? IdOf(vocabulary, unknown, "unk_token") : null;
        return new BytePairModel(
            vocabulary, ReadMerges(model.GetProperty("merges"), vocabulary), unknownId,
            model.FindBoolean("fuse_unk", false), model.FindBoolean("ignore_merges", false));
    }

    private DftNativeException Unsupported(string what) =>
        new(ExitCode.InvalidInput, $"{path}: {what} is not supported; the model must be a byte-level BPE");

    private DftNativeException Malformed(string what) => new(ExitCode.InvalidInput, $"{path}: {what}; get the file again");

    private Dictionary<string, int> ReadVocabulary(JsonElement element)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in element.EnumerateObject())
        {
            if (!token.Value.TryGetInt32(out var id) || id is < 0 or > MaxId) throw Malformed($"the vocabulary's token '{token.Name}' has the id {token.Value.GetRawText()}");
            vocabulary[token.Name] = id;
        }

        return vocabulary;
    }

    private MergeTable ReadMerges(JsonElement element, Dictionary<string, int> vocabulary)
    {
        var merges = new MergeTable(element.GetArrayLength());
        var bySpan = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[1024];
        var rank = 0;
        foreach (var merge in element.EnumerateArray())
        {
            var text = merge.ValueKind == JsonValueKind.Array ? null : merge.GetString()!;
            if (text is not null && text.StartsWith("#version", StringComparison.Ordinal)) continue;
            var separator = text?.IndexOf(' ') ?? 0;
            if (separator < 0 || (text is null && merge.GetArrayLength() != 2)) throw Malformed($"merge {rank} does not hold two tokens");
            var left = text is null ? merge[0].GetString() : text.AsSpan(0, separator);
            var right = text is null ? merge[1].GetString() : text.AsSpan(separator + 1);
            if (left.Length + right.Length > buffer.Length) throw Malformed($"merge {rank} makes a token of more than {buffer.Length} characters");
            left.CopyTo(buffer);
            right.CopyTo(buffer[left.Length..]);
            if (!bySpan.TryGetValue(left, out var leftId) || !bySpan.TryGetValue(right, out var rightId)
                || !bySpan.TryGetValue(buffer[..(left.Length + right.Length)], out var mergedId))
                throw Malformed($"merge {rank} ('{left}' and '{right}') is of tokens that the vocabulary does not hold");
            merges.Set(leftId, rightId, rank++, mergedId);
        }

        return merges;
    }

    private int IdOf(Dictionary<string, int> vocabulary, string token, string field) =>
        vocabulary.TryGetValue(token, out var id) ? id : throw Malformed($"model.{field} '{token}' is not in the vocabulary");
}
