using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>A comparison: what is trained, and the grids of runs.</summary>
public sealed record Experiment
{
    /// <summary>Options of training that decide a task's result; the others are about data, memory and files.</summary>
    internal static readonly string[] TaskOptions =
    [
        "lr_scheduler_type", "warmup_ratio", "warmup_steps", "weight_decay", "weight_decay_exclude", "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm",
    ];

    /// <summary>A task of the embedded model; null: <see cref="Options"/> names a model and data.</summary>
    public DemoSubjectSettings? Task { get; init; }

    /// <summary>How a model's runs are measured by their answers; null: they are not, as a task's are by itself.</summary>
    public BenchmarkSettings? Benchmarks { get; init; }

    /// <summary>The options that all runs share.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>In the order in which they run.</summary>
    public required IReadOnlyList<ExperimentGrid> Grids { get; init; }

    /// <summary>Runs of all grids.</summary>
    public int CellCount => Grids.Sum(grid => grid.CellCount);

    /// <summary>Whether runs of all seeds answer the same problems; a task draws each seed's own.</summary>
    public bool SharesProblems => Task is null;

    /// <summary>The losses in their order.</summary>
    public IReadOnlyList<LossVariant> Losses => [.. Grids.SelectMany(grid => grid.Losses).Distinct()];

    /// <summary>The options of a run.</summary>
    public TrainingOptions OptionsOf(ExperimentCell cell)
    {
        var options = Options with { LearningRate = cell.Setting.LearningRate, GlobalBatchSize = cell.Setting.BatchSize, Seed = cell.Seed };
        cell.Setting.Loss.Apply(options);
        return options;
    }

    /// <summary>What decides the result of a run besides its learning rate, batch size and seed, as text by name.</summary>
    public IReadOnlyDictionary<string, string> Describe(LossVariant loss)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in DescribeSubject()) result[name] = value;
        var options = Options with { };
        loss.Apply(options);
        foreach (var option in OptionCatalog.All)
            if (option.ChangesMathematics && IsShared(option.Name)) result[option.Name] = option.GetText(options);
        return result;
    }

    /// <summary>Whether an option is neither an axis of the grid nor without effect.</summary>
    private bool IsShared(string option) =>
        Task is null ? option is not ("learning_rate" or "global_batch_size" or "seed") : TaskOptions.Contains(option) || LossVariant.OptionNames.Contains(option);

    /// <summary>What is trained and measured, as text by name.</summary>
    internal IEnumerable<(string Name, string Value)> DescribeSubject() => Task?.Describe() ?? DescribeData();

    private IEnumerable<(string Name, string Value)> DescribeData() =>
        new[] { "model", "revision", "data", "eval_data", "column", "max_train_samples", "reference_model" }
            .Select(name => (name, OptionCatalog.Find(name).GetText(Options)));
}
