using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. What it does not understand is an error that names it: a tokenizer that
/// is nearly right ruins a fine-tune in silence.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private readonly string path;
    private readonly List<Splitter> splitters = [];
    private PreTokenizer? preTokenizer;
    private bool normalizesToNfc;
    private int[] prefix = [];
    private int[] suffix = [];

    private TokenizerJsonReader(string path) => this.path = path;

    /// <summary>Reads the file.</summary>
    public static TokenizerComponents Read(string path) => JsonFile.Read(path, root => new TokenizerJsonReader(path).Read(root));

    private TokenizerComponents Read(JsonElement root)
    {
        if (root.Find("normalizer") is { } normalizer) ReadNormalizer(normalizer);
        if (root.Find("pre_tokenizer") is { } preTokenizerElement) ReadPreTokenizer(preTokenizerElement);
        if (preTokenizer is null) throw Unsupported("pre_tokenizer", "none that ends with ByteLevel");
        if (root.Find("post_processor") is { } postProcessor) ReadPostProcessor(postProcessor);
        ReadDecoder(root.Find("decoder"));
        var model = new BytePairModelReader(path).Read(root.GetProperty("model"));
        var addedTokens = root.Find("added_tokens") is { } tokens ? tokens.EnumerateArray().Select(token => ReadAddedToken(token, model)).ToArray() : [];
        return new TokenizerComponents(normalizesToNfc, preTokenizer, model, addedTokens, prefix, suffix);
    }

    private static string TypeOf(JsonElement component) => component.GetProperty("type").GetString() ?? "null";

    private DftNativeException Unsupported(string component, string what) =>
        new(ExitCode.InvalidInput, $"{path}: {component} {what} is not supported; supported are byte-level BPE tokenizers such as those of GPT-2, Qwen2, Qwen3 and Llama 3");

    private void ReadNormalizer(JsonElement normalizer)
    {
        switch (TypeOf(normalizer))
        {
            case "NFC":
                normalizesToNfc = true;
                break;
            case "Sequence":
                foreach (var part in normalizer.GetProperty("normalizers").EnumerateArray()) ReadNormalizer(part);
                break;
            case var type:
                throw Unsupported("normalizer", type);
        }
    }

    private void ReadPreTokenizer(JsonElement component)
    {
        if (preTokenizer is not null) throw Unsupported("pre_tokenizer", $"{TypeOf(component)} after ByteLevel");
        switch (TypeOf(component))
        {
            case "Sequence":
                foreach (var part in component.GetProperty("pretokenizers").EnumerateArray()) ReadPreTokenizer(part);
                break;
            case "Split":
                splitters.Add(ReadSplit(component));
                break;
            case "ByteLevel":
                var splitter = component.FindBoolean("use_regex", true) ? new Gpt2Splitter() : null;
                preTokenizer = new PreTokenizer(splitters, splitter, component.FindBoolean("add_prefix_space", true));
                break;
            case var type:
                throw Unsupported("pre_tokenizer", type);
        }
    }

    private Splitter ReadSplit(JsonElement component)
    {
        var behavior = component.GetProperty("behavior").GetString();
        if (behavior != "Isolated" || component.FindBoolean("invert", false)) throw Unsupported("pre_tokenizer", $"Split with behavior {behavior} or invert");
        var pattern = component.GetProperty("pattern");
        return pattern.FindString("Regex") switch
        {
            Gpt2Splitter.Pattern => new Gpt2Splitter(),
            ContractionWordSplitter.QwenPattern => new ContractionWordSplitter(maxDigits: 1),
            ContractionWordSplitter.Llama3Pattern => new ContractionWordSplitter(maxDigits: 3),
            _ => throw Unsupported("pre_tokenizer", $"Split with the pattern {pattern.GetRawText()}"),
        };
    }

    private void ReadPostProcessor(JsonElement component)
    {
        switch (TypeOf(component))
        {
            case "Sequence":
                foreach (var part in component.GetProperty("processors").EnumerateArray()) ReadPostProcessor(part);
                break;
            case "TemplateProcessing":
                ReadTemplate(component);
                break;
            case "ByteLevel":
                // It only moves character offsets, which nothing here asks for.
                break;
            case var type:
                throw Unsupported("post_processor", type);
        }
    }

    private void ReadTemplate(JsonElement component)
    {
        if (prefix.Length + suffix.Length > 0) throw Unsupported("post_processor", "with two templates");
        List<int> before = [], after = [];
        var specialTokens = component.GetProperty("special_tokens");
        var isAfterText = false;
        foreach (var piece in component.GetProperty("single").EnumerateArray())
        {
            if (piece.Find("Sequence") is { } sequence)
            {
                if (isAfterText || sequence.GetProperty("id").GetString() != "A") throw Unsupported("post_processor", "whose single template is not one text A");
                isAfterText = true;
                continue;
            }

            var name = piece.GetProperty("SpecialToken").GetProperty("id").GetString()!;
            var ids = specialTokens.GetProperty(name).GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
            (isAfterText ? after : before).AddRange(ids);
        }

        if (!isAfterText) throw Unsupported("post_processor", "whose single template holds no text");
        (prefix, suffix) = ([.. before], [.. after]);
    }

    private void ReadDecoder(JsonElement? decoder)
    {
        if (decoder is { } sequence && TypeOf(sequence) == "Sequence" && sequence.GetProperty("decoders").GetArrayLength() == 1)
            decoder = sequence.GetProperty("decoders")[0];
        var type = decoder is { } component ? TypeOf(component) : "null";
        if (type != "ByteLevel") throw Unsupported("decoder", type);
    }

    private AddedToken ReadAddedToken(JsonElement element, BytePairModel model)
    {
        var id = element.GetProperty("id").GetInt32();
        var content = element.GetProperty("content").GetString()!;
        if (id < 0 || (model.Vocabulary.TryGetValue(content, out var known) && known != id))
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: added token '{content}' has id {id}, which contradicts the vocabulary; get the file again");
        return new AddedToken(
            id, content, element.FindBoolean("special", false), element.FindBoolean("single_word", false),
            element.FindBoolean("lstrip", false), element.FindBoolean("rstrip", false), element.FindBoolean("normalized", false));
    }
}
