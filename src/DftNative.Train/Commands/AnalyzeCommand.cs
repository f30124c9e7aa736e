using System.CommandLine;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation.Analysis;
using DftNative.Hub;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>analyze</c>: what models say of every target of a data set, and what fine-tuning moved.</summary>
internal static class AnalyzeCommand
{
    private const int DefaultMoves = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("analyze", "Compare the token probabilities of models on data: histograms, what moved most, entropy, a row token by token.");
        var models = new Option<string[]>("--model")
        {
            Description = "The base model, then those to compare with it: directories, or names in the local cache or on the Hub.",
            HelpName = "DIR|ORG/NAME…",
            AllowMultipleArgumentsPerToken = true,
        };
        var output = new Option<string>("--output") { Description = "Gets report.html and analysis.json; must hold no other analysis.", HelpName = "DIR" };
        var sample = new Option<string>("--sample") { Description = "The row that is shown token by token. [that of the target that moved most]", HelpName = "integer ≥ 1" };
        var moves = new Option<string>("--top") { Description = $"Tokens in each list of those that moved most. [{DefaultMoves}]", HelpName = "integer ≥ 1" };
        foreach (Option option in new Option[] { models, output, sample, moves }) command.Add(option);
        var catalog = CatalogOptions.AddTo(
            command, "data", "row_form", "column", "response_end", "mask", "train_on_eos", "chat_template", "max_length", "max_length_action",
            "max_train_samples", "cache_dir", "packing", "micro_batch_tokens", "loss_chunk_rows", "device", "threads");
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            var names = parseResult.GetValue(models) ?? [];
            if (names.FirstOrDefault(name => name.StartsWith("--", StringComparison.Ordinal)) is { } unknown) throw CommandLine.UnknownOption(unknown, command);
            if (names.Length == 0) throw new DftNativeException(ExitCode.Usage, "--model must be given: the base model, then those to compare with it");
            Required.Options(options, "data");
            var directory = parseResult.GetValue(output) ?? throw new DftNativeException(ExitCode.Usage, "--output must be given");
            Run(names, options, new AnalysisOutput(directory), ParseCount("sample", parseResult.GetValue(sample)) - 1, ParseCount("top", parseResult.GetValue(moves)) ?? DefaultMoves);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static int? ParseCount(string name, string? text) => text is null ? null : SamplingOptions.ParseInteger(name, text, 1);

    private static void Run(string[] modelNames, TrainingOptions options, AnalysisOutput output, int? sample, int moveCount)
    {
        var logger = new ConsoleLogger();
        output.Check();
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping; nothing will be written"));
        Console.WriteLine($"device: {choice}");
        string[] paths = [.. modelNames.Select(name => InputLoader.LocateModel(name, revision: null, HubFileSet.Model))];
        var names = ModelNames.Shorten(modelNames);
        using var baseModel = ModelDirectory.Open(paths[0]);
        using var rows = InputLoader.ReadRows("data", options.Data, baseModel, options, options.MaxTrainSamples, logger);
        if (sample >= rows.Count) throw new DftNativeException(ExitCode.Usage, $"sample: {sample + 1} is behind the last of {rows.Count} rows; give one from 1 to {rows.Count}");
        var models = new List<AnalyzedModel>();
        for (var i = 0; i < paths.Length; i++)
        {
            // One model at a time is in memory.
            using var other = i == 0 ? null : ModelDirectory.Open(paths[i]);
            var model = other ?? baseModel;
            InputLoader.RequireSameTokens(baseModel, model, modelNames[i]);
            models.Add(new AnalyzedModel(names[i], modelNames[i], Score(backend, model, rows, options, stop.Token)));
            Console.WriteLine(Summarize(models[i]));
        }

        var tokenizer = Tokenizer.Exists(baseModel.Path) ? Tokenizer.Load(baseModel.Path) : null;
        var analysis = new TokenAnalysis(rows, tokenizer, models);
        output.Write(analysis, string.Join(", ", options.Data.Select(Path.GetFileName)), sample ?? analysis.FindMostMovedRow(), moveCount);
        Console.WriteLine($"wrote {output.ReportPath} and {output.NumbersPath}");
    }

    private static ScoredTargets Score(IBackend backend, ModelDirectory model, IReadOnlyList<TrainingRow> rows, TrainingOptions options, CancellationToken stop)
    {
        try
        {
            return TargetScorer.Run(backend, model, rows, options, stop);
        }
        catch (OperationCanceledException)
        {
            throw new DftNativeException(ExitCode.Interrupted, "analyze interrupted; nothing was written");
        }
    }

    private static string Summarize(AnalyzedModel model)
    {
        var (targets, statistics) = (model.Targets, model.Targets.Statistics);
        return FormattableString.Invariant(
            $"{model.Name}: {targets.LogProbabilities.Length} targets, nll {statistics.NegativeLogLikelihood:0.0000}, mean p {statistics.MeanTokenProbability:0.0000}, accuracy {statistics.TokenAccuracy:0.0000}, entropy {targets.MeanEntropy:0.0000}");
    }
}
