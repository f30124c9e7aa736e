using System.Buffers.Binary;
using System.Text.Json;

namespace DftNative.Tests.Reference;

/// <summary>A file that tests/golden/generate.py wrote: NAME.json, the document, and NAME.bin, its tensors in float64.</summary>
internal sealed class GoldenFile
{
    private readonly byte[] values;

    /// <summary>Reads NAME.json and NAME.bin of the committed files, or of another folder.</summary>
    public GoldenFile(string name, string? folder = null)
    {
        folder ??= Folder;
        Document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json"))).RootElement;
        values = File.ReadAllBytes(Path.Combine(folder, name + ".bin"));
    }

    /// <summary>Where the committed files and their generator are.</summary>
    public static string Folder { get; } = FindFolder();

    public JsonElement Document { get; }

    public IEnumerable<string> TensorNames => Document.GetProperty("tensors").EnumerateObject().Select(tensor => tensor.Name);

    public double[] Tensor(string name)
    {
        var entry = Document.GetProperty("tensors").GetProperty(name);
        var tensor = new double[entry[1].EnumerateArray().Aggregate(1, (product, size) => product * size.GetInt32())];
        for (var i = 0; i < tensor.Length; i++)
            tensor[i] = BinaryPrimitives.ReadDoubleLittleEndian(values.AsSpan((entry[0].GetInt32() + i) * sizeof(double)));
        return tensor;
    }

    private static string FindFolder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "DftNative.sln"))) root = root.Parent;
        return Path.Combine(root?.FullName ?? throw new DirectoryNotFoundException("The tests run outside the repository."), "tests", "golden");
    }
}
