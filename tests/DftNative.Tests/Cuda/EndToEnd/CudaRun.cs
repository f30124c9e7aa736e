using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>A small random model of an architecture on disk, in shapes that a GPU takes, and runs of the trainer on it.</summary>
internal sealed class CudaRun : IDisposable
{
    /// <summary>Every architecture, tied and untied heads, biases, RoPE scaling, 1 to 4 query heads a key/value head.</summary>
    public static readonly string[] Architectures = ["qwen2", "qwen2-untied", "qwen3", "llama", "llama-bias", "mistral"];

    private const int VocabularySize = 67;
    private readonly ScratchDirectory scratch = new();

    public CudaRun(string architecture = "qwen2", SaveDataType saveDataType = SaveDataType.BFloat16)
    {
        Directory.CreateDirectory(scratch.PathOf("config"));
        scratch.Write(Path.Combine("config", "config.json"), Configuration(architecture));
        ModelPath = scratch.PathOf("model");
        ModelInitializer.CreateDirectory(scratch.PathOf("config"), ModelPath, seed: 1, saveDataType);
        Model = ModelDirectory.Open(ModelPath);
    }

    public string ModelPath { get; }

    public ModelDirectory Model { get; }

    /// <summary>Rows of different lengths that repeat a pattern: a prompt of two tokens, then a response.</summary>
    public static TrainingRow[] Rows(int count, int seed = 1, int shortest = 3, int longest = 20)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (start, length) = (random.Next(VocabularySize), random.Next(shortest, longest));
            var ids = Enumerable.Range(0, length).Select(t => 2 + ((start + (3 * t)) % (VocabularySize - 2))).Append(1).ToArray();
            return new TrainingRow(ids, [-100, -100, .. ids[2..]]);
        })];
    }

    /// <summary>Twenty small steps of several passes, whose last rows are dead.</summary>
    public TrainingOptions Options(string output) => new()
    {
        OutputDirectory = PathOf(output),
        GlobalBatchSize = 4,
        MaxSteps = 20,
        LearningRate = 3e-3,
        MicroBatchTokens = 40,
        SaveSteps = 0,
        SaveTotalLimit = 0,
        Seed = 3,
    };

    public string PathOf(string name) => scratch.PathOf(name);

    /// <summary>Trains, and gives the loss of each step.</summary>
    public List<double> Train(IBackend backend, TrainingOptions options, int stopAfterStep = 0, IReadOnlyList<TrainingRow>? evaluationRows = null)
    {
        using var stop = new CancellationTokenSource();
        using var trainer = new Trainer(backend, Model, Rows(24), evaluationRows ?? [], options);
        var losses = new LossRecorder(stopAfterStep, stop);
        trainer.Run(losses, stop.Token);
        return losses.Losses;
    }

    /// <summary>Writes rows as a data file.</summary>
    public string WriteRows(IEnumerable<TrainingRow> rows)
    {
        File.WriteAllLines(PathOf("rows.jsonl"), rows.Select(row =>
            $$"""{"input_ids": [{{string.Join(", ", row.InputIds)}}], "labels": [{{string.Join(", ", row.Labels)}}]}"""));
        return PathOf("rows.jsonl");
    }

    public void Dispose()
    {
        Model.Dispose();
        scratch.Dispose();
    }

    private static string Configuration(string architecture)
    {
        var (family, heads, keyValueHeads, headDimension, tied, more) = architecture switch
        {
            "qwen2" => ("Qwen2", 4, 2, 16, "true", ""),
            "qwen2-untied" => ("Qwen2", 4, 1, 16, "false", ""),
            "qwen3" => ("Qwen3", 4, 2, 24, "true", ""),
            "llama" => ("Llama", 2, 2, 80, "false",
                """, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}"""),
            "llama-bias" => ("Llama", 3, 1, 8, "true", """, "attention_bias": true"""),
            _ => ("Mistral", 2, 2, 128, "false", """, "sliding_window": null"""),
        };
        return
            $$"""
            {"architectures": ["{{family}}ForCausalLM"], "model_type": "{{family.ToLowerInvariant()}}", "vocab_size": {{VocabularySize}}, "hidden_size": 64,
             "intermediate_size": 88, "num_hidden_layers": 2, "num_attention_heads": {{heads}}, "num_key_value_heads": {{keyValueHeads}},
             "head_dim": {{headDimension}}, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 512,
             "tie_word_embeddings": {{tied}}, "hidden_act": "silu", "initializer_range": 0.15, "eos_token_id": 1, "torch_dtype": "bfloat16"{{more}}}
            """;
    }

    private sealed class LossRecorder(int stopAfterStep, CancellationTokenSource stop) : ITrainingObserver
    {
        public List<double> Losses { get; } = [];

        public void OnStarted(TrainingPlan plan) { }

        public void OnStep(StepMetrics metrics)
        {
            Losses.Add(metrics.Statistics.Loss);
            if (metrics.Step == stopAfterStep) stop.Cancel();
        }

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
