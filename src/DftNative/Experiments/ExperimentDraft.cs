using System.Globalization;
using DftNative.Evaluation.Benchmarks;
using DftNative.Training;
using YamlDotNet.Core.Events;

namespace DftNative.Experiments;

/// <summary>A comparison as a file has it, not yet checked.</summary>
internal sealed class ExperimentDraft
{
    private const int MostFacts = 400;

    private readonly List<(Scalar Key, DemoTaskKind? Kind)> taskKeys = [];
    private DemoSubjectSettings task = new();
    private BenchmarkSettings? benchmarks;
    private bool hasTask;

    /// <summary>What all runs share. A comparison keeps no models unless it is told to: there are as many as runs.</summary>
    public TrainingOptions Options { get; } = new() { SaveFinal = false };

    /// <summary>Options that no task takes.</summary>
    public List<Scalar> ModelKeys { get; } = [];

    /// <summary>The grid whose keys stand at the top; null: none does.</summary>
    public GridDraft? SingleGrid { get; set; }

    /// <summary>The items of grids.</summary>
    public List<GridDraft> Grids { get; } = [];

    /// <summary>Sets a key of the task.</summary>
    public void SetTask(YamlReader reader, Scalar key, string value)
    {
        reader.Use(key, () =>
        {
            task = key.Value switch
            {
                "task" => task with { Kind = ParseKind(value) },
                "demonstrations" => task with { Demonstrations = ParseInteger(key.Value, value, int.MaxValue) },
                "wrong_step_share" => task with { WrongStepShare = ParseShare(key.Value, value) },
                "facts" => task with { Facts = ParseInteger(key.Value, value, MostFacts) },
                "problems" => task with { Problems = ParseInteger(key.Value, value, int.MaxValue) },
                "curve_points" => task with { CurvePoints = ParseInteger(key.Value, value, int.MaxValue) },
                _ => task with { CurveProblems = ParseInteger(key.Value, value, int.MaxValue) },
            };
        });
        hasTask |= key.Value == "task";
        taskKeys.Add((key, key.Value switch { "wrong_step_share" => DemoTaskKind.Addition, "facts" => DemoTaskKind.Recall, _ => null }));
    }

    /// <summary>Sets a key of how answers are measured.</summary>
    public void SetBenchmarks(YamlReader reader, Scalar key, IReadOnlyList<string> values)
    {
        var settings = benchmarks ?? new BenchmarkSettings();
        reader.Use(key, () =>
        {
            if (key.Value != "benchmarks" && values.Count != 1) throw Error($"{key.Value} takes one value, not {values.Count}");
            benchmarks = key.Value switch
            {
                "benchmarks" => settings with { Benchmarks = values },
                "benchmark_dir" => settings with { Folder = values[0] },
                "benchmark_limit" => settings with { Limit = ParseInteger(key.Value, values[0], int.MaxValue) },
                "prompt_style" => settings with { PromptStyle = PromptStyles.Parse(values[0]) },
                "samples" => settings with { Samples = ParseInteger(key.Value, values[0], int.MaxValue) },
                _ => settings with { MaxNewTokens = ParseInteger(key.Value, values[0], int.MaxValue) },
            };
        });
        ModelKeys.Add(key);
    }

    /// <summary>The comparison.</summary>
    /// <param name="source">The file, for errors.</param>
    public Experiment Build(string source)
    {
        try
        {
            CheckSubject();
            var experiment = new Experiment { Task = hasTask ? task : null, Benchmarks = benchmarks, Options = Options, Grids = BuildGrids() };
            ExperimentCheck.Verify(experiment);
            return experiment;
        }
        catch (DftNativeException exception)
        {
            throw new DftNativeException(exception.ExitCode, $"{source}: {exception.Message}", exception);
        }
    }

    private List<ExperimentGrid> BuildGrids()
    {
        if (SingleGrid is not null && Grids.Count > 0) throw Error("losses, learning_rates, batch_sizes and seeds stand at the top or in grids, not both");
        if (SingleGrid is not null) Grids.Add(SingleGrid);
        if (Grids.Count == 0) throw Error("there is nothing to run: give losses, learning_rates, batch_sizes and seeds");
        var result = new List<ExperimentGrid>();
        foreach (var grid in Grids) result.Add(grid.Build([.. result.SelectMany(earlier => earlier.Losses).Select(loss => loss.Name)]));
        return result;
    }

    private void CheckSubject()
    {
        if (hasTask)
        {
            if (ModelKeys is [var key, ..]) throw Error($"line {key.Start.Line}: {key.Value} is for a model; a task has the embedded model and its own data");
            if (taskKeys.Find(item => item.Kind is { } kind && kind != task.Kind) is { Key: { } other })
                throw Error($"line {other.Start.Line}: {other.Value} is not a setting of the task {task.Kind.Name()}");
            return;
        }

        if (taskKeys is [var (first, _), ..]) throw Error($"line {first.Start.Line}: {first.Value} is for a task; name it by 'task: addition' or 'task: recall'");
        if (Options.Model is null) throw Error("there is nothing to train: give a task (addition, recall), or model, data and eval_data");
        if (Options.Data.Count == 0) throw Error("data is missing: name the training rows");
        if (Options.EvalData.Count == 0) throw Error("eval_data is missing: name the held-out rows for the learning curves");
        if (benchmarks is { Benchmarks: [] }) throw Error("benchmarks is missing: name the problems that models answer");
        if (benchmarks?.Benchmarks.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } repeated) throw Error($"benchmarks: {repeated.Key} is given twice");
    }

    private static DemoTaskKind ParseKind(string value) =>
        DemoTaskKindNames.All.TryGetValue(value, out var kind) ? kind : throw Error($"task: '{value}' is not one of {string.Join(", ", DemoTaskKindNames.All.Keys)}");

    private static int ParseInteger(string name, string value, int maximum) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= maximum
            ? number
            : throw Error(maximum == int.MaxValue ? $"{name}: '{value}' is not an integer ≥ 1" : FormattableString.Invariant($"{name}: '{value}' is not an integer from 1 to {maximum}"));

    private static double ParseShare(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1
            ? number
            : throw Error($"{name}: '{value}' is not a number in [0, 1]");

    private static DftNativeException Error(string message) => new(ExitCode.Usage, message);
}
