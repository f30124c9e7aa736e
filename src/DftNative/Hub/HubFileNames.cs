using DftNative.Checkpoints;

namespace DftNative.Hub;

/// <summary>The files that are fetched of a model, besides its weights.</summary>
internal static class HubFileNames
{
    /// <summary>The configuration, and what a trained model takes over: the tokenizer, chat templates, generation settings.</summary>
    public static readonly string[] Small = [ModelFileNames.Configuration, .. ModelFileNames.CarriedOver];

    /// <summary>One of these is a tokenizer's, as a directory may hold it without a configuration.</summary>
    public static readonly string[] Tokenizers = ["tokenizer.json", "vocab.json", "tokenizer.model"];
}
