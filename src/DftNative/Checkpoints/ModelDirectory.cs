using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// A Hugging Face model directory, opened: its configuration, and its weight files, checked against what the
/// configuration asks for.
/// </summary>
public sealed class ModelDirectory : IDisposable
{
    private const string Embedding = "model.embed_tokens.weight";
    private const string LanguageModelHead = "lm_head.weight";
    private const int ChunkLength = 1 << 22;
    private const int CompareLength = 1 << 17;

    private readonly WeightFiles files;

    private ModelDirectory(string path, ModelTemplate template, WeightFiles files)
    {
        (Path, this.files) = (path, files);
        Layout = new ParameterLayout(template.Configuration);
        Check();
        Template = template with { DataType = CommonDataType() };
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>What decides the mathematics.</summary>
    public ModelConfiguration Configuration => Template.Configuration;

    /// <summary>What a model trained from this one takes over when it is saved.</summary>
    public ModelTemplate Template { get; }

    /// <summary>The type that most weights are stored in.</summary>
    public DataType SourceDataType => Template.DataType;

    /// <summary>What a user should know and what is no error.</summary>
    public IReadOnlyList<string> Warnings => Template.Warnings;

    /// <summary>The parameters that the configuration asks for.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The files that hold the weights, by name.</summary>
    internal IReadOnlyList<SafetensorsFile> WeightFiles => files.Files;

    /// <summary>Opens a directory and checks that it holds exactly the model's tensors, in their shapes.</summary>
    /// <exception cref="DftNativeException">Exit code 3: something is missing, damaged or not supported.</exception>
    public static ModelDirectory Open(string path)
    {
        var template = ModelTemplate.Read(path);
        var files = Checkpoints.WeightFiles.Open(path);
        try
        {
            return new ModelDirectory(path, template, files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Reads elements of a parameter as fp32. Safe to call from several threads.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">Written: as many elements from there.</param>
    public void Read(string name, long start, Span<float> destination)
    {
        var (file, tensor) = files.Tensors[name];
        file.Read(tensor, start, destination);
    }

    /// <summary>Uploads every parameter, converted to the arena's type; the gaps of the arena are left as they are.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of this configuration.</param>
    /// <param name="parameters">[layout.ArenaLength] fp32 or bf16, written.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    public void Load(IBackend backend, ParameterLayout layout, Vector parameters, IProgress<long>? progress = null) =>
        Load(backend, layout, new MasterWeights(parameters), progress);

    /// <summary>Uploads every parameter with as many bits as the weights hold; the gaps of the arena are left as they are.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of this configuration.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    /// <exception cref="DftNativeException">Exit code 3: a file cannot be read, or was changed meanwhile. What is on the device then is of no use.</exception>
    public void Load(IBackend backend, ParameterLayout layout, MasterWeights weights, IProgress<long>? progress = null)
    {
        ParameterTransfer.Upload(backend, layout, weights, name => files.Tensors[name], progress);
        foreach (var file in files.Files) file.RequireUnchanged();
    }

    /// <summary>Every parameter in fp64, for the reference.</summary>
    /// <param name="computeType">The type that the device computes with: the values are those that it gets from <see cref="Load(IBackend, ParameterLayout, Vector, IProgress{long})"/>.</param>
    /// <returns>By name, row-major.</returns>
    public IReadOnlyDictionary<string, double[]> ReadAsDouble(DataType computeType = DataType.Float32) => Layout.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
    {
        var values = new double[tensor.Length];
        var chunk = new float[Math.Min(ChunkLength, tensor.Length)];
        for (long start = 0; start < tensor.Length; start += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, tensor.Length - start));
            Read(tensor.Name, start, part);
            for (var i = 0; i < part.Length; i++) values[start + i] = computeType == DataType.BFloat16 ? (float)(BFloat16)part[i] : part[i];
        }

        return values;
    }, StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => files.Dispose();

    private DftNativeException Bad(string problem) => new(ExitCode.InvalidInput, $"{Path}: {problem}");

    private void Check()
    {
        foreach (var parameter in Layout.Tensors)
        {
            if (!files.Tensors.TryGetValue(parameter.Name, out var found))
            {
                var mend = parameter.Name == LanguageModelHead ? "if its head is the embedding, config.json must say \"tie_word_embeddings\": true" : "the checkpoint is not whole, or not of this configuration";
                throw Bad($"tensor '{parameter.Name}' is missing; {mend}");
            }

            CheckTensor(found.File, found.Tensor, parameter.Shape);
        }

        foreach (var (name, (file, tensor)) in files.Tensors)
        {
            // Early Llama checkpoints store RoPE's frequencies, which the configuration determines.
            if (Layout.TryGet(name, out _) || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)) continue;
            if (name == LanguageModelHead) CheckTiedHead(file, tensor);
            else throw Bad($"tensor '{name}' in {System.IO.Path.GetFileName(file.Path)} is not part of the model that config.json describes");
        }
    }

    private void CheckTensor(SafetensorsFile file, SafetensorsTensor tensor, int[] shape)
    {
        if (!tensor.DataType.IsWeightType())
            throw new DftNativeException(ExitCode.InvalidInput, $"{file.Path}: tensor '{tensor.Name}' is {tensor.DataType}; weights must be F32, F16 or BF16");
        if (!tensor.Shape.SequenceEqual(shape.Select(size => (long)size)))
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{file.Path}: tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}], "
                + $"and config.json asks for [{string.Join(", ", shape)}]");
        }
    }

    private void CheckTiedHead(SafetensorsFile file, SafetensorsTensor head)
    {
        var embedding = files.Tensors[Embedding];
        CheckTensor(file, head, Layout[Embedding].Shape);
        var (left, right) = (new float[CompareLength], new float[CompareLength]);
        for (long start = 0; start < head.Length; start += CompareLength)
        {
            var count = (int)Math.Min(CompareLength, head.Length - start);
            file.Read(head, start, left.AsSpan(0, count));
            embedding.File.Read(embedding.Tensor, start, right.AsSpan(0, count));
            // Compared as bits: a NaN is equal to itself here.
            if (!MemoryMarshal.AsBytes(left.AsSpan(0, count)).SequenceEqual(MemoryMarshal.AsBytes(right.AsSpan(0, count))))
                throw Bad($"config.json says that the head is tied to the embedding, and '{LanguageModelHead}' differs from it; \"tie_word_embeddings\": false would keep both");
        }
    }

    private DataType CommonDataType() => Layout.Tensors
        .GroupBy(parameter => files.Tensors[parameter.Name].Tensor.DataType)
        .MaxBy(group => group.Sum(parameter => parameter.Length))!.Key.ToDataType();
}
