using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class NormalizerReader(string path) : ComponentReader(path, "normalizer")
{
    /// <summary>Reads the part.</summary>
    public TextNormalizer Read(JsonElement? component) => component is { } given ? ReadOne(given) : new NormalizerSequence([]);

    private TextNormalizer ReadOne(JsonElement component) => TypeOf(component) switch
    {
        "NFC" => UnicodeNormalizer.FormC,
        "NFD" => UnicodeNormalizer.FormD,
        "NFKC" => UnicodeNormalizer.FormKC,
        "NFKD" => UnicodeNormalizer.FormKD,
        "Lowercase" => new LowercaseNormalizer(),
        "Prepend" => new PrependNormalizer(component.GetProperty("prepend").GetString()!),
        "Replace" => new ReplaceNormalizer(ReadPattern(component), component.GetProperty("content").GetString()!),
        "Strip" => new StripNormalizer(component.FindBoolean("strip_left", true), component.FindBoolean("strip_right", true)),
        "Sequence" => new NormalizerSequence([.. component.GetProperty("normalizers").EnumerateArray().Select(ReadOne)]),
        var type => throw Unsupported(type),
    };
}
