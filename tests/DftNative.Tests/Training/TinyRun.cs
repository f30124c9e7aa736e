using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>A tiny random model on disk, rows that it can learn, and runs of the trainer on them.</summary>
internal sealed class TinyRun : IDisposable
{
    private const int VocabularySize = 64;
    private readonly ScratchDirectory scratch = new();

    public TinyRun()
    {
        Directory.CreateDirectory(scratch.PathOf("config"));
        scratch.Write(
            Path.Combine("config", "config.json"),
            """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
             "max_position_embeddings": 256, "tie_word_embeddings": true, "hidden_act": "silu", "initializer_range": 0.1, "eos_token_id": 1,
             "torch_dtype": "float32"}
            """);
        ModelPath = scratch.PathOf("model");
        ModelInitializer.CreateDirectory(scratch.PathOf("config"), ModelPath, seed: 1);
        Backend = new CpuBackend(2);
        Model = ModelDirectory.Open(ModelPath);
    }

    public CpuBackend Backend { get; }

    public string ModelPath { get; }

    public ModelDirectory Model { get; private set; }

    /// <summary>12 steps over 20 rows, everything small, checkpoints at 4, 8 and 12.</summary>
    public TrainingOptions Options(string output) => new()
    {
        OutputDirectory = PathOf(output),
        GlobalBatchSize = 6,
        NumTrainEpochs = 3,
        LearningRate = 3e-3,
        MicroBatchTokens = 48,
        SaveSteps = 4,
        SaveTotalLimit = 0,
    };

    public string PathOf(string name) => scratch.PathOf(name);

    /// <summary>Counting sequences of different lengths: a prompt of two tokens, then a response.</summary>
    public static List<TrainingRow> Rows(int count = 20, int seed = 1)
    {
        var random = new Random(seed);
        var rows = new List<TrainingRow>();
        for (var i = 0; i < count; i++)
        {
            var (start, length) = (random.Next(VocabularySize), random.Next(4, 24));
            var ids = Enumerable.Range(0, length).Select(t => 2 + ((start + (3 * t)) % (VocabularySize - 2))).Append(1).ToArray();
            rows.Add(new TrainingRow(ids, [-100, -100, .. ids[2..]]));
        }

        return rows;
    }

    /// <summary>The same rows with nothing to learn.</summary>
    public static List<TrainingRow> WithoutTargets(IEnumerable<TrainingRow> rows) =>
        [.. rows.Select(row => row with { Labels = [.. row.Labels.Select(_ => TrainingRow.IgnoredLabel)] })];

    /// <summary>Another random model, a narrower one.</summary>
    public ModelDirectory OtherModel(int vocabularySize = VocabularySize, int seed = 7)
    {
        var name = $"other-{vocabularySize}-{seed}";
        var configuration = File.ReadAllText(scratch.PathOf("config/config.json"))
            .Replace("\"vocab_size\": 64", $"\"vocab_size\": {vocabularySize}", StringComparison.Ordinal)
            .Replace("\"hidden_size\": 32", "\"hidden_size\": 16", StringComparison.Ordinal);
        Directory.CreateDirectory(scratch.PathOf(name + "-config"));
        File.WriteAllText(scratch.PathOf(name + "-config/config.json"), configuration);
        ModelInitializer.CreateDirectory(scratch.PathOf(name + "-config"), scratch.PathOf(name), (ulong)seed);
        return ModelDirectory.Open(scratch.PathOf(name));
    }

    public TrainingResult Train(
        TrainingOptions options, IReadOnlyList<TrainingRow>? rows = null, IReadOnlyList<TrainingRow>? evaluationRows = null, int stopAfterStep = 0,
        ModelDirectory? referenceModel = null, IBackend? backend = null)
    {
        using var stop = new CancellationTokenSource();
        using var trainer = new Trainer(backend ?? Backend, Model, rows ?? Rows(), evaluationRows ?? [], options, referenceModel: referenceModel);
        return trainer.Run(new StopAfterStep(stopAfterStep, stop), stop.Token);
    }

    public static byte[] Weights(string directory) => File.ReadAllBytes(Path.Combine(directory, "model.safetensors"));

    /// <summary>Replaces a parameter's values by one value in the model on disk.</summary>
    public void Poison(string parameter, float value)
    {
        var layout = Model.Layout;
        var poisoned = PathOf("poisoned");
        ModelWriter.Save(poisoned, Model.Template, layout, (name, start, destination) =>
        {
            if (name == parameter) destination.Fill(value);
            else Model.Read(name, start, destination);
        }, SaveDataType.Float32);
        Model.Dispose();
        Model = ModelDirectory.Open(poisoned);
    }

    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
        scratch.Dispose();
    }

    internal sealed class StopAfterStep(int step, CancellationTokenSource stop) : ITrainingObserver
    {
        public void OnStarted(TrainingPlan plan) { }

        public void OnStep(StepMetrics metrics)
        {
            if (metrics.Step == step) stop.Cancel();
        }

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
