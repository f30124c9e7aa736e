using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>The header of a safetensors file: JSON that gives every tensor's type, shape and place.</summary>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The most bytes of a header, as in the reference implementation.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The name in the header under which free strings stand.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>Reads and checks a header.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataStart">Where the tensors' bytes begin.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    public static SafetensorsHeader Read(string path, ReadOnlyMemory<byte> json, long dataStart, long fileLength)
    {
        if (!json.Span.StartsWith("{"u8)) throw Bad(path, "the header does not begin with '{': not a safetensors file");
        return JsonInput.ParseObject(json, $"{path}: safetensors header", root => Read(path, root, dataStart, fileLength));
    }

    /// <summary>The error for a file that is not as it should be.</summary>
    public static DftNativeException Bad(string path, string problem) => new(ExitCode.InvalidInput, $"{path}: {problem}");

    private static SafetensorsHeader Read(string path, JsonElement root, long dataStart, long fileLength)
    {
        var tensors = new Dictionary<string, SafetensorsTensor>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataName) ReadMetadata(path, property.Value, metadata);
            else tensors.Add(property.Name, ReadTensor(path, property.Name, property.Value, dataStart, fileLength));
        }

        CheckPlaces(path, tensors.Values, dataStart, fileLength);
        return new SafetensorsHeader(tensors, metadata);
    }

    private static void ReadMetadata(string path, JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Bad(path, $"{MetadataName} is not an object of strings");
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw Bad(path, $"{MetadataName}.{property.Name} is not a string");
            metadata.Add(property.Name, property.Value.GetString()!);
        }
    }

    private static SafetensorsTensor ReadTensor(string path, string name, JsonElement element, long dataStart, long fileLength)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !element.TryGetProperty("shape", out var shapeElement)
            || !element.TryGetProperty("data_offsets", out var offsetsElement))
            throw Bad(path, $"tensor '{name}': the header entry lacks dtype, shape or data_offsets");
        if (!Enum.TryParse<SafetensorsDataType>(type.GetString(), out var dataType) || type.GetString() != dataType.ToString())
            throw Bad(path, $"tensor '{name}': dtype {type.GetString()} is not understood; convert the model to F32, F16 or BF16");
        var shape = ReadNumbers(path, name, "shape", shapeElement);
        var offsets = ReadNumbers(path, name, "data_offsets", offsetsElement);
        if (offsets.Length != 2 || offsets[0] > offsets[1]) throw Bad(path, $"tensor '{name}': data_offsets are not [begin, end]");
        if (offsets[1] > fileLength - dataStart)
        {
            throw Bad(path, $"tensor '{name}' ends at byte {offsets[1]} of the data and the file has {fileLength - dataStart}: "
                + "the file is truncated or its offsets are out of range; copy it again");
        }

        SafetensorsTensor tensor;
        try
        {
            tensor = new SafetensorsTensor(name, dataType, shape, dataStart + offsets[0]);
        }
        catch (OverflowException)
        {
            throw Bad(path, $"tensor '{name}': shape [{string.Join(", ", shape)}] is too large");
        }

        if (tensor.Length > fileLength || tensor.SizeInBytes != offsets[1] - offsets[0])
        {
            throw Bad(path, $"tensor '{name}': {dataType} of shape [{string.Join(", ", shape)}] does not take the "
                + $"{offsets[1] - offsets[0]} bytes between its data_offsets");
        }

        return tensor;
    }

    private static long[] ReadNumbers(string path, string name, string field, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array) throw Bad(path, $"tensor '{name}': {field} is not an array");
        var numbers = new long[element.GetArrayLength()];
        var i = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Bad(path, $"tensor '{name}': {field} holds something that is not a whole number from 0");
            i++;
        }

        return numbers;
    }

    private static void CheckPlaces(string path, IEnumerable<SafetensorsTensor> tensors, long dataStart, long fileLength)
    {
        var end = dataStart;
        var previous = "the header";
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.SizeInBytes))
        {
            if (tensor.Offset < end) throw Bad(path, $"tensor '{tensor.Name}' overlaps '{previous}': the header is damaged");
            if (tensor.Offset > end) throw Bad(path, $"{tensor.Offset - end} bytes before tensor '{tensor.Name}' belong to none: the header is damaged");
            (end, previous) = (end + tensor.SizeInBytes, tensor.Name);
        }

        if (end != fileLength) throw Bad(path, $"{fileLength - end} bytes after the last tensor belong to none: the header is damaged");
    }
}
