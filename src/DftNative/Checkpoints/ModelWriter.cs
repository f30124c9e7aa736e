using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>Writes Hugging Face model directories.</summary>
public static class ModelWriter
{
    /// <summary>The most bytes of a shard, unless one tensor is larger: as in transformers.</summary>
    public const long DefaultMaxShardSizeInBytes = 5_000_000_000;

    private static readonly Dictionary<string, string> FormatMetadata = new(StringComparer.Ordinal) { ["format"] = "pt" };

    /// <summary>Writes a model under a temporary name beside the target, flushes it to the disk, and renames it.</summary>
    /// <param name="directory">The model directory to write; replaced if it exists.</param>
    /// <param name="template">The model that training began with: its config.json, tokenizer and generation files are carried over.</param>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of the parameters.</param>
    /// <param name="weights">[layout.ArenaLength]. bf16 files get the bf16 weights as the device has them, wider ones the fp32 master.</param>
    /// <param name="saveDataType">The type to store the weights in.</param>
    /// <param name="maxShardSizeInBytes">Where a new shard is begun.</param>
    /// <exception cref="DftNativeException">Exit code 6: nothing is left behind then, and an earlier directory stays.</exception>
    public static void Save(
        string directory, ModelTemplate template, IBackend backend, ParameterLayout layout, MasterWeights weights, SaveDataType saveDataType,
        long maxShardSizeInBytes = DefaultMaxShardSizeInBytes) =>
        Save(directory, template, layout, Reader(backend, layout, weights, template.Resolve(saveDataType)), saveDataType, maxShardSizeInBytes);

    /// <summary>Writes a model whose values come from anywhere.</summary>
    /// <inheritdoc cref="Save(string, ModelTemplate, IBackend, ParameterLayout, MasterWeights, SaveDataType, long)"/>
    /// <param name="directory">The model directory to write; replaced if it exists.</param>
    /// <param name="template">The model that training began with.</param>
    /// <param name="layout">The parameters.</param>
    /// <param name="read">Gives a parameter's values.</param>
    /// <param name="saveDataType">The type to store the weights in.</param>
    /// <param name="maxShardSizeInBytes">Where a new shard is begun.</param>
    public static void Save(
        string directory, ModelTemplate template, ParameterLayout layout, TensorReader read, SaveDataType saveDataType,
        long maxShardSizeInBytes = DefaultMaxShardSizeInBytes) =>
        AtomicDirectory.Write(directory, temporary => WriteFiles(temporary, template, layout, read, saveDataType, maxShardSizeInBytes, []));

    /// <summary>The values for a file of that type. Rounding the fp32 master anew would send its ties elsewhere than the device did.</summary>
    internal static TensorReader Reader(IBackend backend, ParameterLayout layout, MasterWeights weights, DataType fileType) =>
        ParameterTransfer.Reader(backend, layout, fileType == DataType.BFloat16 ? new MasterWeights(weights.Weights) : weights);

    /// <summary>Writes a model's files into a directory that exists.</summary>
    /// <param name="directory">An empty directory.</param>
    /// <param name="template">The model that training began with.</param>
    /// <param name="layout">The parameters.</param>
    /// <param name="read">Gives a parameter's values.</param>
    /// <param name="saveDataType">The type to store the weights in.</param>
    /// <param name="maxShardSizeInBytes">Where a new shard is begun.</param>
    /// <param name="hashes">Added to: XXH64 of each safetensors file, by its name.</param>
    internal static void WriteFiles(
        string directory, ModelTemplate template, ParameterLayout layout, TensorReader read, SaveDataType saveDataType,
        long maxShardSizeInBytes, Dictionary<string, ulong> hashes)
    {
        var dataType = template.Resolve(saveDataType);
        WriteWeights(directory, layout, dataType, read, maxShardSizeInBytes, hashes);
        AtomicFile.Write(Path.Combine(directory, ModelFileNames.Configuration), WithDataType(template.ConfigurationJson, dataType));
        foreach (var name in ModelFileNames.CarriedOver)
        {
            var source = Path.Combine(template.Directory, name);
            if (File.Exists(source)) AtomicFile.Write(Path.Combine(directory, name), File.ReadAllBytes(source));
        }
    }

    private static void WriteWeights(
        string directory, ParameterLayout layout, DataType dataType, TensorReader read, long maxShardSizeInBytes, Dictionary<string, ulong> hashes)
    {
        var shards = Split(layout, dataType.ToSafetensors(), maxShardSizeInBytes);
        if (shards.Count == 1)
        {
            hashes[ModelFileNames.Weights] = SafetensorsWriter.Write(Path.Combine(directory, ModelFileNames.Weights), shards[0], FormatMetadata, read);
            return;
        }

        for (var i = 0; i < shards.Count; i++)
        {
            var name = ModelFileNames.Shard(i + 1, shards.Count);
            hashes[name] = SafetensorsWriter.Write(Path.Combine(directory, name), shards[i], FormatMetadata, read);
        }

        AtomicFile.Write(Path.Combine(directory, ModelFileNames.Index), MakeIndex(shards));
    }

    private static List<List<SafetensorsEntry>> Split(ParameterLayout layout, SafetensorsDataType dataType, long maxShardSizeInBytes)
    {
        var shards = new List<List<SafetensorsEntry>> { new() };
        long size = 0;
        foreach (var tensor in layout.Tensors)
        {
            var entry = new SafetensorsEntry(tensor.Name, dataType, [.. tensor.Shape]);
            if (size > 0 && size + entry.SizeInBytes > maxShardSizeInBytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(entry);
            size += entry.SizeInBytes;
        }

        return shards;
    }

    private static byte[] MakeIndex(List<List<SafetensorsEntry>> shards) => MakeJson(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_parameters", shards.Sum(shard => shard.Sum(entry => entry.Length)));
        json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(entry => entry.SizeInBytes)));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (var i = 0; i < shards.Count; i++)
        {
            foreach (var entry in shards[i]) json.WriteString(entry.Name, ModelFileNames.Shard(i + 1, shards.Count));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static byte[] WithDataType(ReadOnlyMemory<byte> configuration, DataType dataType)
    {
        var name = dataType switch
        {
            DataType.BFloat16 => "bfloat16",
            DataType.Float16 => "float16",
            _ => "float32",
        };
        return JsonInput.ParseObject(configuration, ModelFileNames.Configuration, root => MakeJson(json =>
        {
            json.WriteStartObject();
            var isWritten = false;
            foreach (var property in root.EnumerateObject())
            {
                if (property.Name is "torch_dtype" or "dtype")
                {
                    json.WriteString(property.Name, name);
                    isWritten = true;
                }
                else
                {
                    property.WriteTo(json);
                }
            }

            // transformers 5 reads both spellings, earlier ones only this.
            if (!isWritten) json.WriteString("torch_dtype", name);
            json.WriteEndObject();
        }));
    }

    private static byte[] MakeJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(json);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
