namespace DftNative.Tokenizers;

/// <summary>Finds the tokenizer files of a model directory: the newest layout that is there.</summary>
internal static class TokenizerFiles
{
    /// <summary>Whether some layout is there.</summary>
    public static bool Exist(string directory) =>
        Has(directory, "tokenizer.json") || Has(directory, "tokenizer.model") || (Has(directory, "vocab.json") && Has(directory, "merges.txt"));

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="directory">The model directory.</param>
    /// <param name="configuration">What the other files say.</param>
    public static TokenizerComponents Read(string directory, TokenizerConfiguration configuration)
    {
        if (Has(directory, "tokenizer.json")) return TokenizerJsonReader.Read(Path.Combine(directory, "tokenizer.json"), configuration);
        if (Has(directory, "vocab.json") && Has(directory, "merges.txt")) return VocabularyFilesReader.Read(directory, configuration);
        if (Has(directory, "tokenizer.model")) return SentencePieceReader.Read(Path.Combine(directory, "tokenizer.model"), configuration);
        throw new DftNativeException(ExitCode.InvalidInput, $"{directory}: there is no tokenizer.json, no vocab.json with merges.txt and no tokenizer.model; put the model's tokenizer files there, or use pretokenized rows");
    }

    private static bool Has(string directory, string name) => File.Exists(Path.Combine(directory, name));
}
