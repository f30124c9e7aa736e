using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>The safetensors files of a model directory, opened: one file, or an index and its shards.</summary>
internal sealed class WeightFiles : IDisposable
{
    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> tensors = new(StringComparer.Ordinal);

    private WeightFiles()
    {
    }

    /// <summary>Every tensor by name, and the file that holds it.</summary>
    public IReadOnlyDictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> Tensors => tensors;

    /// <summary>The files, by name.</summary>
    public IReadOnlyList<SafetensorsFile> Files => files;

    /// <summary>Opens what is there; a single file is preferred to an index, as in transformers.</summary>
    public static WeightFiles Open(string directory)
    {
        var result = new WeightFiles();
        try
        {
            var index = Path.Combine(directory, ModelFileNames.Index);
            if (File.Exists(Path.Combine(directory, ModelFileNames.Weights))) result.Add(Path.Combine(directory, ModelFileNames.Weights));
            else if (File.Exists(index)) result.AddShards(directory, index);
            else throw NoWeights(directory);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>The files that <see cref="Open"/> opens, the index among them.</summary>
    public static IEnumerable<string> FindNames(string directory)
    {
        if (File.Exists(Path.Combine(directory, ModelFileNames.Weights))) return [ModelFileNames.Weights];
        var index = Path.Combine(directory, ModelFileNames.Index);
        return File.Exists(index) ? ReadIndex(index).Values.Distinct(StringComparer.Ordinal).Append(ModelFileNames.Index) : [];
    }

    /// <summary>Which shard holds which tensor; every shard is a file's name, without a path.</summary>
    /// <exception cref="DftNativeException">Exit code 3.</exception>
    public static Dictionary<string, string> ReadIndex(string path) => JsonInput.ParseObject(JsonInput.ReadFile(path), path, root =>
    {
        if (!root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: weight_map is missing or not an object");
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            var shard = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : "";
            if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().ContainsAny("/\\:\0"))
                throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tensor '{property.Name}' is said to be in {property.Value.GetRawText()}, which is not a file of this directory");
            shards.Add(property.Name, shard);
        }

        return shards;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }

    private static DftNativeException NoWeights(string directory)
    {
        var hasPickle = Directory.EnumerateFiles(directory, "pytorch_model*.bin").Any();
        return new DftNativeException(ExitCode.InvalidInput, $"{directory}: there is no {ModelFileNames.Weights} and no {ModelFileNames.Index}"
            + (hasPickle ? "; pytorch_model.bin is not read: convert it to safetensors" : ""));
    }

    private SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        files.Add(file);
        foreach (var tensor in file.Tensors.Values)
        {
            if (!tensors.TryAdd(tensor.Name, (file, tensor)))
                throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tensor '{tensor.Name}' is also in {Path.GetFileName(tensors[tensor.Name].File.Path)}");
        }

        return file;
    }

    private void AddShards(string directory, string indexPath)
    {
        var index = ReadIndex(indexPath);
        foreach (var shard in index.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(directory, shard);
            if (!File.Exists(path)) throw new DftNativeException(ExitCode.InvalidInput, $"{indexPath}: the shard {shard} is missing; copy it into the directory");
            foreach (var name in Add(path).Tensors.Keys)
            {
                if (!index.TryGetValue(name, out var owner))
                    throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tensor '{name}' is not in {ModelFileNames.Index}: the shards are not of one model");
                if (owner != shard)
                    throw new DftNativeException(ExitCode.InvalidInput, $"{path}: tensor '{name}' is here, and {ModelFileNames.Index} says that it is in {owner}");
            }
        }

        foreach (var (name, shard) in index)
        {
            if (!tensors.ContainsKey(name))
                throw new DftNativeException(ExitCode.InvalidInput, $"{indexPath}: tensor '{name}' is not in {shard}, where it is said to be");
        }
    }
}
