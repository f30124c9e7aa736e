using System.Text.Json;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// Reads a Hugging Face config.json, in the spellings of transformers 4 and 5. What is not supported and would change the
/// model's mathematics is an error that names the field.
/// </summary>
public static class ModelConfigurationReader
{
    // Far beyond any model that fits a device, and small enough that no product of two overflows.
    private const int MaxSize = 1 << 24;
    private const int MaxHeads = 1 << 12;

    private static readonly Dictionary<string, ModelArchitecture> ByModelType = new(StringComparer.Ordinal)
    {
        ["qwen2"] = ModelArchitecture.Qwen2,
        ["qwen3"] = ModelArchitecture.Qwen3,
        ["llama"] = ModelArchitecture.Llama,
        ["mistral"] = ModelArchitecture.Mistral,
    };

    /// <summary>Reads the config.json of a model directory.</summary>
    /// <param name="directory">The model directory; it needs no other file.</param>
    /// <param name="warnings">Added to: what a user should know and what is no error.</param>
    /// <exception cref="DftNativeException">Exit code 3.</exception>
    public static ModelConfiguration ReadDirectory(string directory, IList<string> warnings)
    {
        var path = Path.Combine(directory, ModelFileNames.Configuration);
        return Read(JsonInput.ReadFile(path), path, warnings);
    }

    /// <summary>Reads a config.json.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="what">The file's path, for messages.</param>
    /// <param name="warnings">Added to: what a user should know and what is no error.</param>
    /// <exception cref="DftNativeException">Exit code 3.</exception>
    public static ModelConfiguration Read(ReadOnlyMemory<byte> json, string what, IList<string> warnings) =>
        JsonInput.ParseObject(json, what, root => Read(new ConfigurationFields(what, root), warnings));

    private static ModelConfiguration Read(ConfigurationFields fields, IList<string> warnings)
    {
        var architecture = ReadArchitecture(fields);
        foreach (var property in fields.Element.EnumerateObject())
        {
            if (ConfigurationFieldRules.Check(fields, property.Name, property.Value) is { } warning) warnings.Add(warning);
        }

        var layerCount = fields.RequiredInt32("num_hidden_layers", 1, MaxHeads);
        CheckUnsupported(fields, architecture, layerCount, warnings);
        var hiddenSize = fields.RequiredInt32("hidden_size", 1, MaxSize);
        var headCount = fields.RequiredInt32("num_attention_heads", 1, MaxHeads);
        var keyValueHeadCount = ReadKeyValueHeadCount(fields, architecture, headCount);
        var vocabularySize = fields.RequiredInt32("vocab_size", 1, MaxSize);
        var (theta, scaling) = RotaryParametersReader.Read(fields);
        var outputBias = architecture is ModelArchitecture.Llama or ModelArchitecture.Qwen3 && fields.Flag("attention_bias");
        return new ModelConfiguration
        {
            Architecture = architecture,
            VocabularySize = vocabularySize,
            HiddenSize = hiddenSize,
            IntermediateSize = fields.RequiredInt32("intermediate_size", 1, MaxSize),
            LayerCount = layerCount,
            HeadCount = headCount,
            KeyValueHeadCount = keyValueHeadCount,
            HeadDimension = ReadHeadDimension(fields, architecture, hiddenSize, headCount),
            RmsNormEpsilon = (float)(fields.OptionalDouble("rms_norm_eps", 1e-12, 0.1) ?? 1e-6),
            RopeTheta = theta,
            RopeScaling = scaling,
            MaxPositionEmbeddings = fields.OptionalInt32("max_position_embeddings", 1, int.MaxValue) ?? DefaultMaxPositions(architecture),
            TieWordEmbeddings = fields.Flag("tie_word_embeddings"),
            QueryKeyValueBias = outputBias || architecture == ModelArchitecture.Qwen2,
            AttentionOutputBias = outputBias,
            EosTokenIds = ReadEosTokenIds(fields, vocabularySize, warnings),
        };
    }

    private static ModelArchitecture ReadArchitecture(ConfigurationFields fields)
    {
        const string Supported = "supported are Qwen2ForCausalLM, Qwen3ForCausalLM, LlamaForCausalLM and MistralForCausalLM";
        var modelType = fields.OptionalString("model_type");
        ModelArchitecture? byType = modelType is not null && ByModelType.TryGetValue(modelType, out var known) ? known : null;
        if (!fields.TryGet("architectures", out var list))
            return byType ?? throw fields.Bad($"architectures is missing; {Supported}");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 1 || list[0].ValueKind != JsonValueKind.String)
            throw fields.Bad($"architectures is {ConfigurationFields.Shorten(list)}; it must be a list of one name");
        ModelArchitecture? byName = list[0].GetString() switch
        {
            "Qwen2ForCausalLM" => ModelArchitecture.Qwen2,
            "Qwen3ForCausalLM" => ModelArchitecture.Qwen3,
            "LlamaForCausalLM" => ModelArchitecture.Llama,
            "MistralForCausalLM" => ModelArchitecture.Mistral,
            _ => null,
        };
        if (byName is null) throw fields.Bad($"architecture {ConfigurationFields.Shorten(list[0])} is not supported; {Supported}");
        // transformers picks the class by model_type: with another one it would read the written model differently.
        if (modelType is not null && byType != byName)
            throw fields.Bad($"model_type is \"{modelType}\" and architectures says {ConfigurationFields.Shorten(list[0])}: they contradict each other");
        return byName.Value;
    }

    private static int ReadKeyValueHeadCount(ConfigurationFields fields, ModelArchitecture architecture, int headCount)
    {
        var count = fields.OptionalInt32("num_key_value_heads", 1, MaxHeads);
        // Where the field is not written at all, transformers' MistralConfig takes 8.
        if (count is null && architecture == ModelArchitecture.Mistral && headCount % 8 == 0 && !fields.Element.TryGetProperty("num_key_value_heads", out _))
            count = 8;
        count ??= headCount;
        if (headCount % count != 0) throw fields.Bad($"num_attention_heads ({headCount}) is not a multiple of num_key_value_heads ({count})");
        return count.Value;
    }

    private static int ReadHeadDimension(ConfigurationFields fields, ModelArchitecture architecture, int hiddenSize, int headCount)
    {
        const int Qwen3Default = 128;
        var dimension = fields.OptionalInt32("head_dim", 2, 1 << 12);
        if (dimension is null && architecture == ModelArchitecture.Qwen3 && !fields.Element.TryGetProperty("head_dim", out _)) dimension = Qwen3Default;
        if (dimension is null)
        {
            if (hiddenSize % headCount != 0) throw fields.Bad($"hidden_size ({hiddenSize}) is not a multiple of num_attention_heads ({headCount}), and there is no head_dim");
            dimension = hiddenSize / headCount;
        }

        if (dimension % 2 != 0) throw fields.Bad($"the head dimension ({dimension}) is odd: RoPE rotates pairs of channels");
        return dimension.Value;
    }

    private static int DefaultMaxPositions(ModelArchitecture architecture) => architecture switch
    {
        ModelArchitecture.Llama => 2048,
        ModelArchitecture.Mistral => 4096 * 32,
        _ => 32768,
    };

    private static int[] ReadEosTokenIds(ConfigurationFields fields, int vocabularySize, IList<string> warnings)
    {
        if (!fields.TryGet("eos_token_id", out var value)) return [];
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var ids = new List<int>();
        foreach (var item in items)
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out var id))
                throw fields.Bad($"eos_token_id is {ConfigurationFields.Shorten(value)}; it must be a token id or a list of them");
            if (id < 0 || id >= vocabularySize) warnings.Add($"config.json: eos_token_id {id} is outside the vocabulary of {vocabularySize} and is ignored");
            else if (!ids.Contains(id)) ids.Add(id);
        }

        return [.. ids];
    }

    private static void CheckUnsupported(ConfigurationFields fields, ModelArchitecture architecture, int layerCount, IList<string> warnings)
    {
        if ((fields.OptionalString("hidden_act") ?? "silu") is not ("silu" or "swish") and var activation)
            throw fields.Bad($"hidden_act is \"{activation}\"; only silu is supported");
        if (fields.Flag("mlp_bias")) throw fields.Bad("mlp_bias is true: biases in the feed-forward layers are not supported");
        if (architecture is ModelArchitecture.Qwen2 or ModelArchitecture.Mistral && fields.Flag("attention_bias"))
            throw fields.Bad($"attention_bias is true: {architecture}ForCausalLM has no such field, so its weights are not what transformers would read");
        if (fields.OptionalDouble("partial_rotary_factor", 0, 1) is not (null or 1))
            throw fields.Bad("partial_rotary_factor is not 1: partial rotary embeddings are not supported");
        CheckSlidingWindow(fields, architecture, layerCount, warnings);
    }

    private static void CheckSlidingWindow(ConfigurationFields fields, ModelArchitecture architecture, int layerCount, IList<string> warnings)
    {
        const string Mend = "sliding-window attention is not supported";
        if (fields.Flag("use_sliding_window")) throw fields.Bad($"use_sliding_window is true: {Mend}");
        if (architecture == ModelArchitecture.Mistral)
        {
            if (fields.TryGet("sliding_window", out var window))
                throw fields.Bad($"sliding_window is {ConfigurationFields.Shorten(window)}: {Mend}; models without it have null here");
            if (!fields.Element.TryGetProperty("sliding_window", out _))
                warnings.Add("config.json: sliding_window is missing and taken as null; transformers takes 4096, which differs for longer rows: write null");
        }

        if (!fields.TryGet("layer_types", out var types)) return;
        if (types.ValueKind != JsonValueKind.Array || types.GetArrayLength() != layerCount)
            throw fields.Bad($"layer_types is not a list of num_hidden_layers ({layerCount}) names");
        foreach (var type in types.EnumerateArray())
        {
            if (type.ValueKind != JsonValueKind.String || !type.ValueEquals("full_attention"))
                throw fields.Bad($"layer_types holds {ConfigurationFields.Shorten(type)}; only full_attention is supported");
        }
    }
}
