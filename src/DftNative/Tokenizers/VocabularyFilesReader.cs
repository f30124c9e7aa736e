namespace DftNative.Tokenizers;

/// <summary>
/// Reads the older layout of <c>vocab.json</c> and <c>merges.txt</c>, which says nothing of pre-tokenisers: they follow
/// from the <c>tokenizer_class</c> in tokenizer_config.json, as in transformers.
/// </summary>
internal static class VocabularyFilesReader
{
    /// <summary>Reads the files.</summary>
    /// <param name="directory">The model directory.</param>
    /// <param name="configuration">Names the class, and the added tokens.</param>
    public static TokenizerComponents Read(string directory, TokenizerConfiguration configuration)
    {
        var path = Path.Combine(directory, "vocab.json");
        var mergesPath = Path.Combine(directory, "merges.txt");
        var lines = JsonFile.ReadBytes(mergesPath, bytes => System.Text.Encoding.UTF8.GetString(bytes).Split('\n').Select(line => line.TrimEnd('\r')).ToArray());
        var model = JsonFile.ReadBytes(path, bytes => new BytePairModelReader(path).ReadSeparate(bytes, lines, unknownToken: null));
        var stages = new List<PreTokenizerStage>();
        TextNormalizer normalizer;
        switch (configuration.TokenizerClass)
        {
            case "GPT2Tokenizer" or "GPT2TokenizerFast":
                normalizer = new NormalizerSequence([]);
                if (configuration.AddsPrefixSpace ?? false) stages.Add(new PrefixSpaceStage());
                stages.Add(new SplitterStage(new Gpt2Splitter()));
                break;
            case "Qwen2Tokenizer" or "Qwen2TokenizerFast":
                normalizer = UnicodeNormalizer.FormC;
                stages.Add(new SplitterStage(new ContractionWordSplitter(maxDigits: 1)));
                break;
            case var name:
                throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tokenizer_class {name ?? "null"} is not supported with vocab.json and merges.txt (GPT2Tokenizer and Qwen2Tokenizer are); put a tokenizer.json there");
        }

        var addedTokens = ReadAddedTokens(directory, configuration, model.Vocabulary);
        var template = configuration.AddsBosToken ?? false ? SpecialTokenTemplates.Build(path, configuration, model.Vocabulary, addedTokens) : SpecialTokenTemplate.None;
        return new TokenizerComponents(normalizer, new PreTokenizer(stages), model, IsByteLevel: true, [new ByteLevelDecoder()], addedTokens, template);
    }

    private static List<AddedToken> ReadAddedTokens(string directory, TokenizerConfiguration configuration, Vocabulary vocabulary)
    {
        var result = configuration.AddedTokens.ToList();
        string?[] special = [configuration.BosToken, configuration.EosToken, configuration.PadToken, configuration.UnkToken];
        var path = Path.Combine(directory, "added_tokens.json");
        if (File.Exists(path))
        {
            JsonFile.Read(path, root =>
            {
                foreach (var token in root.EnumerateObject()) Add(token.Name, token.Value.GetInt32());
                return true;
            });
        }

        foreach (var token in special)
            if (token is not null && vocabulary.Find(token) is { } id) Add(token, id);
        return result;

        void Add(string content, int id)
        {
            if (result.All(token => token.Content != content))
                result.Add(new AddedToken(id, content, special.Contains(content), IsSingleWord: false, StripsLeft: false, StripsRight: false, IsNormalized: false));
        }
    }
}
