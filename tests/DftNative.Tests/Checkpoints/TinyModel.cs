using System.Text;
using System.Text.Json.Nodes;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Tests.Checkpoints;

/// <summary>A config.json of each family, and small model directories.</summary>
internal static class TinyModel
{
    public static JsonObject Configuration(ModelArchitecture architecture = ModelArchitecture.Qwen2)
    {
        var json = (JsonObject)JsonNode.Parse("""
            {
              "vocab_size": 40, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4,
              "num_key_value_heads": 2, "hidden_act": "silu", "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
              "max_position_embeddings": 128, "tie_word_embeddings": true, "torch_dtype": "float32", "eos_token_id": 3,
              "initializer_range": 0.02, "attention_dropout": 0.0, "use_cache": true, "transformers_version": "4.51.0"
            }
            """)!;
        json["architectures"] = new JsonArray($"{architecture}ForCausalLM");
        json["model_type"] = architecture.ToString().ToLowerInvariant();
        if (architecture == ModelArchitecture.Qwen3) json["head_dim"] = 8;
        if (architecture == ModelArchitecture.Mistral) json["sliding_window"] = null;
        return json;
    }

    public static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    public static ModelConfiguration Read(JsonNode json, List<string>? warnings = null) =>
        ModelConfigurationReader.Read(Bytes(json), "config.json", warnings ?? []);

    /// <summary>Writes a model with random weights into a subdirectory, with a tokenizer file to carry over.</summary>
    public static string Create(TemporaryDirectory directory, string name, JsonObject? configuration = null, ulong seed = 1, SaveDataType saveDataType = SaveDataType.Auto)
    {
        var source = Directory.CreateDirectory(directory[name + "-source"]).FullName;
        File.WriteAllBytes(Path.Combine(source, "config.json"), Bytes(configuration ?? Configuration()));
        File.WriteAllText(Path.Combine(source, "tokenizer.json"), "{\"stands\": \"for a tokenizer\"}");
        ModelInitializer.CreateDirectory(source, directory[name], seed, saveDataType);
        Directory.Delete(source, recursive: true);
        return directory[name];
    }

    /// <summary>The tensors of a model directory's single file.</summary>
    public static Dictionary<string, (SafetensorsEntry Entry, float[] Values)> ReadTensors(string modelDirectory)
    {
        using var file = SafetensorsFile.Open(Path.Combine(modelDirectory, "model.safetensors"));
        return file.Tensors.Values.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var values = new float[tensor.Length];
            file.Read(tensor, 0, values);
            return (new SafetensorsEntry(tensor.Name, tensor.DataType, tensor.Shape), values);
        });
    }

    /// <summary>Writes tensors as a file.</summary>
    public static void WriteTensors(string path, IEnumerable<(SafetensorsEntry Entry, float[] Values)> tensors)
    {
        var byName = tensors.ToDictionary(tensor => tensor.Entry.Name);
        SafetensorsWriter.Write(path, [.. byName.Values.Select(tensor => tensor.Entry)], null, (name, start, destination) =>
            byName[name].Values.AsSpan((int)start, destination.Length).CopyTo(destination));
    }
}
