namespace DftNative.Tokenizers;

/// <summary>
/// The templates that transformers makes of <c>add_bos_token</c> and <c>add_eos_token</c>. Its Llama and Gemma classes
/// put them in the place of tokenizer.json's post-processor whenever they are made; its other classes leave that alone.
/// </summary>
internal static class SpecialTokenTemplates
{
    private static readonly HashSet<string> Rebuilders = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"];

    /// <summary>The template of such a class; null where the file's own post-processor counts.</summary>
    /// <param name="path">The tokenizer file, for messages.</param>
    /// <param name="configuration">Names the class and its settings.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="addedTokens">And those added to them.</param>
    public static SpecialTokenTemplate? FindRebuilt(string path, TokenizerConfiguration configuration, Vocabulary vocabulary, IReadOnlyList<AddedToken> addedTokens)
    {
        if (configuration.TokenizerClass is not { } name || !Rebuilders.Contains(name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name)) return null;
        return Build(path, configuration, vocabulary, addedTokens);
    }

    /// <summary>The template of the settings.</summary>
    /// <inheritdoc cref="FindRebuilt"/>
    public static SpecialTokenTemplate Build(string path, TokenizerConfiguration configuration, Vocabulary vocabulary, IReadOnlyList<AddedToken> addedTokens)
    {
        // Those are the classes' defaults.
        return new SpecialTokenTemplate(
            configuration.AddsBosToken ?? true ? [IdOf(configuration.BosToken ?? "<s>")] : [],
            configuration.AddsEosToken ?? false ? [IdOf(configuration.EosToken ?? "</s>")] : []);

        int IdOf(string token) => addedTokens.FirstOrDefault(added => added.Content == token)?.Id ?? vocabulary.Find(token)
            ?? throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tokenizer_config.json adds the token '{token}' to texts, which the vocabulary does not hold; get the files again");
    }
}
