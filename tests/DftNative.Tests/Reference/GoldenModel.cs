using System.Text.Json;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;

namespace DftNative.Tests.Reference;

/// <summary>A golden file of a model: its configuration, parameters, rows and losses, in the library's types.</summary>
internal sealed class GoldenModel(string name)
{
    public static readonly string[] Names = ["qwen2", "qwen3", "qwen3-bias", "llama3-scaling", "llama-linear-bias", "mistral"];

    public GoldenFile File { get; } = new(name);

    public ModelConfiguration Configuration()
    {
        var config = File.Document.GetProperty("config");
        int Integer(string key) => config.GetProperty(key).GetInt32();
        return new ModelConfiguration
        {
            Architecture = Enum.Parse<ModelArchitecture>(config.GetProperty("architecture").GetString()!),
            VocabularySize = Integer("vocab"),
            HiddenSize = Integer("hidden"),
            IntermediateSize = Integer("intermediate"),
            LayerCount = Integer("layers"),
            HeadCount = Integer("heads"),
            KeyValueHeadCount = Integer("key_value_heads"),
            HeadDimension = Integer("head_dim"),
            RmsNormEpsilon = config.GetProperty("epsilon").GetSingle(),
            RopeTheta = config.GetProperty("theta").GetDouble(),
            RopeScaling = Scaling(config.GetProperty("scaling")),
            MaxPositionEmbeddings = 512,
            TieWordEmbeddings = config.GetProperty("tied").GetBoolean(),
            QueryKeyValueBias = config.GetProperty("qkv_bias").GetBoolean(),
            AttentionOutputBias = config.GetProperty("o_bias").GetBoolean(),
        };
    }

    public Dictionary<string, double[]> Parameters() =>
        File.TensorNames.Where(tensor => !tensor.Contains('/')).ToDictionary(tensor => tensor, File.Tensor);

    public TrainingRow[] Rows(bool withTokenWeights) =>
        [.. File.Document.GetProperty("rows").EnumerateArray().Select(row => new TrainingRow(
            [.. row.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())],
            [.. row.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())],
            withTokenWeights && row.TryGetProperty("token_weights", out var weights) ? [.. weights.EnumerateArray().Select(weight => weight.GetSingle())] : null))];

    public ReferenceLoss Loss(JsonElement expected) => new()
    {
        Type = expected.GetProperty("type").GetString() == "sft" ? LossType.Sft : LossType.Dft,
        Exponent = expected.GetProperty("exponent").GetDouble(),
        MinWeight = expected.GetProperty("min_weight").GetDouble(),
        EosWeight = expected.GetProperty("eos_weight") is { ValueKind: JsonValueKind.Number } weight ? weight.GetDouble() : null,
        EosTokenIds = [.. File.Document.GetProperty("eos").EnumerateArray().Select(id => id.GetInt32())],
    };

    private static RotaryScaling Scaling(JsonElement scaling)
    {
        double Number(string key) => scaling.GetProperty(key).GetDouble();
        return scaling.GetProperty("type").GetString() switch
        {
            "linear" => new RotaryScaling.Linear(Number("factor")),
            "llama3" => new RotaryScaling.Llama3(Number("factor"), Number("low"), Number("high"), scaling.GetProperty("original").GetInt32()),
            _ => new RotaryScaling.Default(),
        };
    }
}
