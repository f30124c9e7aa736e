using System.Text;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Bench.CheckpointIo;

/// <summary>Generated weights on a device, which are saved, loaded and compared.</summary>
internal sealed class CheckpointSubject : IDisposable
{
    private const long ShardSizeInBytes = 1_000_000_000;
    private const int Step = 1;

    private readonly IBackend backend;
    private readonly CheckpointKind kind;
    private readonly string folder;
    private readonly ModelTemplate template;
    private readonly ParameterLayout layout;
    private readonly List<DeviceBuffer> buffers = [];
    private readonly List<(MasterWeights Arena, GeneratedWeights Values)> arenas = [];

    /// <summary>Allocates and fills the device's memory.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="kind">What is saved.</param>
    /// <param name="folder">An empty folder.</param>
    public CheckpointSubject(IBackend backend, CheckpointKind kind, string folder)
    {
        (this.backend, this.kind, this.folder) = (backend, kind, folder);
        template = ModelTemplate.Read(WriteConfiguration());
        layout = new ParameterLayout(template.Configuration);
        var isSplit = kind == CheckpointKind.Training && backend.ComputeType == DataType.BFloat16;
        Add(new MasterWeights(Allocate(backend.ComputeType), isSplit ? Allocate(DataType.Int16) : default), isSplit || kind == CheckpointKind.Training);
        if (kind == CheckpointKind.Model) return;
        Add(new MasterWeights(Allocate(DataType.Float32)), isFloat: true);
        Add(new MasterWeights(Allocate(DataType.Float32)), isFloat: true);
    }

    /// <summary>What <see cref="Save"/> writes.</summary>
    public string SavedPath => Path.Combine(folder, kind == CheckpointKind.Model ? "model" : $"checkpoint-{Step}");

    /// <summary>The weight files of it.</summary>
    public string[] Files => [.. Directory.GetFiles(SavedPath, "*.safetensors").Order(StringComparer.Ordinal)];

    /// <summary>Bytes of those.</summary>
    public long SizeInBytes => Files.Sum(file => new FileInfo(file).Length);

    /// <summary>Saves what the device holds.</summary>
    public void Save()
    {
        if (kind == CheckpointKind.Model)
            ModelWriter.Save(SavedPath, template, backend, layout, arenas[0].Arena, SaveDataType.BFloat16, ShardSizeInBytes);
        else
            TrainingCheckpoint.Save(folder, Step, template, backend, layout, arenas[0].Arena, arenas[1].Arena.Weights, arenas[2].Arena.Weights, SaveDataType.BFloat16, "{}");
    }

    /// <summary>Loads what was saved, as training and a resume do: a training checkpoint is verified as it is read.</summary>
    public void Load()
    {
        if (kind == CheckpointKind.Model)
        {
            using var model = ModelDirectory.Open(SavedPath);
            model.Load(backend, layout, arenas[0].Arena);
        }
        else
        {
            using var checkpoint = TrainingCheckpoint.Open(SavedPath);
            checkpoint.Load(backend, layout, arenas[0].Arena, arenas[1].Arena.Weights, arenas[2].Arena.Weights);
        }

        backend.Synchronize();
    }

    /// <summary>Sets what the device holds to zero.</summary>
    public void Clear()
    {
        foreach (var buffer in buffers) backend.Zero(buffer.AsVector());
        backend.Synchronize();
    }

    /// <summary>Whether the device holds, bit for bit, what was generated.</summary>
    public bool IsWhole()
    {
        var (values, scratch) = (new float[1 << 20], new float[1 << 20]);
        foreach (var (arena, generated) in arenas)
        {
            var read = ParameterTransfer.Reader(backend, layout, arena);
            foreach (var tensor in layout.Tensors)
            {
                for (long start = 0; start < tensor.Length; start += values.Length)
                {
                    var part = values.AsSpan(0, (int)Math.Min(values.Length, tensor.Length - start));
                    read(tensor.Name, start, part);
                    if (!generated.Matches(tensor.Name, start, part, scratch)) return false;
                }
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private Vector Allocate(DataType dataType)
    {
        var buffer = backend.Allocate(dataType, layout.ArenaLength, MemoryCategory.Weights, "arena");
        buffers.Add(buffer);
        return buffer.AsVector();
    }

    private void Add(MasterWeights arena, bool isFloat)
    {
        var values = new GeneratedWeights(layout, arenas.Count, isFloat);
        ParameterTransfer.Upload(backend, layout, arena, (name, start, destination) => values.Read(name, start, destination.Span));
        backend.Synchronize();
        arenas.Add((arena, values));
    }

    private string WriteConfiguration()
    {
        var source = Directory.CreateDirectory(Path.Combine(folder, "source")).FullName;
        File.WriteAllBytes(Path.Combine(source, "config.json"), Encoding.UTF8.GetBytes($$"""
            {
              "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 151936, "hidden_size": 1536,
              "intermediate_size": 8960, "num_hidden_layers": {{(kind == CheckpointKind.Model ? 28 : 1)}}, "num_attention_heads": 12,
              "num_key_value_heads": 2, "hidden_act": "silu", "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
              "max_position_embeddings": 32768, "tie_word_embeddings": true, "torch_dtype": "bfloat16"
            }
            """));
        return source;
    }
}
