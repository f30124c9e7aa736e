using DftNative.Training;
using YamlDotNet.Core.Events;

namespace DftNative.Experiments;

/// <summary>A comparison as a YAML file; docs/compare.md has its keys.</summary>
public static class ExperimentFile
{
    /// <summary>Keys of a grid.</summary>
    private static readonly string[] GridKeys = ["losses", "learning_rates", "batch_sizes", "seeds", "best_of"];

    /// <summary>Keys of a task of the embedded model.</summary>
    private static readonly string[] TaskKeys = ["task", "demonstrations", "wrong_step_share", "facts", "problems", "curve_points", "curve_problems"];

    /// <summary>Keys of how a model's answers are measured.</summary>
    private static readonly string[] BenchmarkKeys = ["benchmarks", "benchmark_dir", "benchmark_limit", "prompt_style", "samples", "max_new_tokens"];

    /// <summary>Options of training that the grid or the comparison itself sets, with what does.</summary>
    private static readonly Dictionary<string, string> Taken = new(StringComparer.Ordinal)
    {
        ["learning_rate"] = "learning_rates",
        ["global_batch_size"] = "batch_sizes",
        ["seed"] = "seeds",
        ["output_dir"] = "--output",
        ["output"] = "--output",
        ["resume_from_checkpoint"] = "running the same command again",
    };

    private static readonly string[] BestModelKeys = ["load_best_model_at_end", "metric_for_best_model"];

    private const string GenerationPrefix = "eval_generate_";

    /// <summary>Reads a comparison and checks all of it.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: missing, not YAML, an unknown key or a wrong value; names the line where there is one.</exception>
    public static Experiment Read(string path)
    {
        var draft = new ExperimentDraft();
        YamlReader.ReadFile(path, (reader, key) => ReadKey(reader, key, draft));
        return draft.Build(path);
    }

    /// <summary>The same, from any text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What to call it in errors.</param>
    public static Experiment Read(TextReader text, string source)
    {
        var draft = new ExperimentDraft();
        YamlReader.Read(text, source, (reader, key) => ReadKey(reader, key, draft));
        return draft.Build(source);
    }

    private static void ReadKey(YamlReader reader, Scalar key, ExperimentDraft draft)
    {
        if (key.Value == "grids") reader.ReadList(key, () => draft.Grids.Add(ReadGrid(reader)));
        else if (GridKeys.Contains(key.Value)) ReadGridKey(reader, key, draft.SingleGrid ??= new GridDraft());
        else if (TaskKeys.Contains(key.Value)) draft.SetTask(reader, key, reader.ReadValue(key));
        else if (BenchmarkKeys.Contains(key.Value)) draft.SetBenchmarks(reader, key, reader.ReadValues(key));
        else if (Taken.TryGetValue(key.Value, out var setter)) throw reader.Error(key.Start, $"{key.Value} is set by {setter}; leave it out");
        else if (BestModelKeys.Contains(key.Value)) throw reader.Error(key.Start, $"{key.Value} is for train; a comparison measures every run by its last step's model, and its learning curves show the steps before: leave it out");
        else if (key.Value.StartsWith(GenerationPrefix, StringComparison.Ordinal)) throw reader.Error(key.Start, $"{key.Value} is for train; a comparison samples answers of trained models: name their problems with benchmarks");
        else if (LossVariant.OptionNames.Contains(key.Value)) throw reader.Error(key.Start, $"{key.Value} belongs to a loss: write it into an item of losses, such as {{name: mine, loss_type: dft, {key.Value}: …}}");
        else ReadOption(reader, key, draft);
    }

    private static void ReadOption(YamlReader reader, Scalar key, ExperimentDraft draft)
    {
        var values = reader.ReadValues(key);
        string[] ownKeys = [.. GridKeys, .. TaskKeys, .. BenchmarkKeys, "grids"];
        reader.Use(key, () =>
        {
            if (OptionCatalog.All.All(option => option.Name != key.Value) && !OptionCatalog.PlannedKeys.Contains(key.Value))
                throw new DftNativeException(ExitCode.Usage, $"unknown key '{key.Value}'{NearestName.Suggest(key.Value, OptionCatalog.All.Select(option => option.Name).Concat(ownKeys))}");
            OptionCatalog.Set(draft.Options, key.Value, values);
        });
        if (!Experiment.TaskOptions.Contains(key.Value) && key.Value is not ("device" or "threads")) draft.ModelKeys.Add(key);
    }

    private static GridDraft ReadGrid(YamlReader reader)
    {
        var grid = new GridDraft();
        reader.ReadMapping((_, key) => ReadGridKey(reader, key, grid));
        return grid;
    }

    private static void ReadGridKey(YamlReader reader, Scalar key, GridDraft grid)
    {
        switch (key.Value)
        {
            case "losses":
                reader.ReadList(key, () => grid.Losses.Add(ReadLoss(reader, key)));
                break;
            case "best_of":
                grid.BestOf = reader.ReadValue(key);
                break;
            case "learning_rates":
                Read("learning_rate", options => grid.LearningRates.Add(options.LearningRate));
                break;
            case "batch_sizes":
                Read("global_batch_size", options => grid.BatchSizes.Add(options.GlobalBatchSize));
                break;
            case "seeds":
                Read("seed", options => grid.Seeds.Add(options.Seed));
                break;
            default:
                throw reader.Error(key.Start, $"unknown key '{key.Value}' of a grid{NearestName.Suggest(key.Value, GridKeys)}");
        }

        void Read(string option, Action<TrainingOptions> add)
        {
            var scratch = new TrainingOptions();
            foreach (var value in reader.ReadValues(key))
            {
                reader.Use(key, () => SetItem(scratch, option, key.Value, value));
                add(scratch);
            }
        }
    }

    /// <summary>Sets an item of a list as the option that it is one of; errors name the list.</summary>
    private static void SetItem(TrainingOptions options, string option, string list, string value)
    {
        try
        {
            OptionCatalog.Set(options, option, value);
        }
        catch (DftNativeException exception) when (exception.Message.StartsWith(option + ":", StringComparison.Ordinal))
        {
            throw new DftNativeException(exception.ExitCode, list + exception.Message[option.Length..], exception);
        }
    }

    private static LossVariant ReadLoss(YamlReader reader, Scalar list)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!reader.IsAtMapping)
        {
            var lossType = reader.ReadValue(list);
            reader.Use(list, () => OptionCatalog.Set(new TrainingOptions(), "loss_type", lossType));
            return new LossVariant(lossType, new Dictionary<string, string> { ["loss_type"] = lossType });
        }

        string? name = null;
        reader.ReadMapping((_, key) =>
        {
            var value = reader.ReadValue(key);
            if (key.Value == "name")
            {
                if (!LossVariant.IsName(value)) throw reader.Error(key.Start, $"name: '{value}' is not made of letters, digits, '-', '_' and '.'");
                name = value;
                return;
            }

            if (!LossVariant.OptionNames.Contains(key.Value))
                throw reader.Error(key.Start, $"unknown key '{key.Value}' of a loss{NearestName.Suggest(key.Value, LossVariant.OptionNames.Append("name"))}");
            reader.Use(key, () => OptionCatalog.Set(new TrainingOptions(), key.Value, value));
            options[key.Value] = value;
        });
        if (!options.TryGetValue("loss_type", out var type)) throw reader.Error(list.Start, "an item of losses has no loss_type");
        return new LossVariant(name ?? type, options);
    }
}
