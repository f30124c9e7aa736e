using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. What it does not understand is an error that names it: a tokenizer that
/// is nearly right ruins a fine-tune in silence.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private readonly string path;
    private readonly Dictionary<string, JsonElement> parts = [];
    private readonly BytePairModelReader modelReader;
    private bool hasModel;

    private TokenizerJsonReader(string path) => (this.path, modelReader) = (path, new BytePairModelReader(path));

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">What the files beside it say.</param>
    public static TokenizerComponents Read(string path, TokenizerConfiguration configuration) =>
        JsonFile.ReadBytes(path, bytes => new TokenizerJsonReader(path).Read(bytes, configuration));

    private TokenizerComponents Read(byte[] bytes, TokenizerConfiguration configuration)
    {
        ReadParts(bytes);
        if (!hasModel) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: a field is missing or has the wrong type (there is no 'model')");
        var normalizer = new NormalizerReader(path).Read(Find("normalizer"));
        var stages = new PreTokenizerReader(path);
        if (Find("pre_tokenizer") is { } preTokenizer) stages.Read(preTokenizer);
        var model = modelReader.Complete(stages.IsByteLevel);
        if (!stages.IsByteLevel && !modelReader.MergesAcrossMarks && !modelReader.IgnoresMerges && model.Vocabulary.Find(SpaceMark.Text) is not null)
            stages.Stages.Add(new MarkBoundaryStage());
        var decoders = new DecoderReader(path).Read(Find("decoder"));
        var addedTokens = Find("added_tokens") is { } tokens ? tokens.EnumerateArray().Select(token => ReadAddedToken(token, model)).ToList() : [];
        AddConfigured(addedTokens, configuration);
        var template = SpecialTokenTemplates.FindRebuilt(path, configuration, model.Vocabulary, addedTokens) ?? new PostProcessorReader(path).Read(Find("post_processor"));
        return new TokenizerComponents(normalizer, new PreTokenizer(stages.Stages), model, stages.IsByteLevel, decoders, addedTokens, template);
    }

    /// <summary>Tokens that only tokenizer_config.json has are added too, as transformers does.</summary>
    private static void AddConfigured(List<AddedToken> addedTokens, TokenizerConfiguration configuration)
    {
        var known = addedTokens.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        addedTokens.AddRange(configuration.AddedTokens.Where(token => !known.Contains(token.Content)));
    }

    private JsonElement? Find(string name) => parts.TryGetValue(name, out var part) && part.ValueKind != JsonValueKind.Null ? part : null;

    private void ReadParts(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new InvalidOperationException("the file does not hold an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "model")
            {
                modelReader.Read(ref reader);
                hasModel = true;
                continue;
            }

            using var document = JsonDocument.ParseValue(ref reader);
            parts[name] = document.RootElement.Clone();
        }

        // The reader checks what stands behind the object only when asked to go on.
        reader.Read();
    }

    private AddedToken ReadAddedToken(JsonElement element, BytePairModel model)
    {
        var token = TokenizerConfiguration.ReadAddedToken(element, element.GetProperty("id").GetInt32());
        if (token.Id is < 0 or > BytePairModelReader.MaxId || (model.Vocabulary.Find(token.Content) is { } known && known != token.Id))
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: added token '{token.Content}' has id {token.Id}, which contradicts the vocabulary; get the file again");
        return token;
    }
}
