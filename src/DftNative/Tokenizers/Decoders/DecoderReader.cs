using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads the <c>decoder</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class DecoderReader(string path) : ComponentReader(path, "decoder")
{
    /// <summary>Reads the part.</summary>
    public IReadOnlyList<TokenDecoder> Read(JsonElement? component)
    {
        if (component is not { } given) return [new JoinDecoder()];
        var decoders = new List<TokenDecoder>();
        Add(given, decoders);
        return decoders;
    }

    private void Add(JsonElement component, List<TokenDecoder> decoders)
    {
        if (TypeOf(component) == "Sequence")
        {
            foreach (var part in component.GetProperty("decoders").EnumerateArray()) Add(part, decoders);
            return;
        }

        decoders.Add(TypeOf(component) switch
        {
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Replace" => new ReplaceDecoder(ReadPattern(component), component.GetProperty("content").GetString()!),
            "Strip" => new StripDecoder(ReadCharacter(component, "content"), component.GetProperty("start").GetInt32(), component.GetProperty("stop").GetInt32()),
            "Metaspace" => new MetaspaceDecoder(ReadCharacter(component, "replacement"), MetaspaceSettings.ReadPrepend(component) != MetaspacePrepend.Never),
            var type => throw Unsupported(type),
        });
    }
}
