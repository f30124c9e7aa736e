namespace DftNative.Checkpoints;

/// <summary>The files of a Hugging Face model directory.</summary>
internal static class ModelFileNames
{
    /// <summary>The architecture and its sizes.</summary>
    public const string Configuration = "config.json";

    /// <summary>All weights, where one file holds them.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Which shard holds which tensor, where several files hold them.</summary>
    public const string Index = "model.safetensors.index.json";

    /// <summary>Files that a trained model takes over from the model it began as.</summary>
    public static readonly string[] CarriedOver =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
        "tokenizer.model", "chat_template.jinja", "chat_template.json", "generation_config.json",
    ];

    /// <summary>The name of a shard, counted from 1.</summary>
    public static string Shard(int number, int count) => $"model-{number:D5}-of-{count:D5}.safetensors";
}
