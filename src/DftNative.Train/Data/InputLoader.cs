using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Tokenizers;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Train.Data;

/// <summary>Opens the models and files that a command names.</summary>
internal static class InputLoader
{
    /// <summary>Opens a model directory and tells what a user should know about it.</summary>
    public static ModelDirectory OpenModel(string path, ILogger logger)
    {
        var model = ModelDirectory.Open(path);
        foreach (var warning in model.Warnings) Log(logger, LogLevel.Warning, warning);
        return model;
    }

    /// <summary>Reads rows as the options have it, with the model's tokenizer if it has one, and tells what was read.</summary>
    /// <param name="files">Each <c>FILE</c> or <c>FILE:WEIGHT</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How rows are made and kept.</param>
    /// <param name="maxSamples">The most rows to read; 0: all.</param>
    /// <param name="logger">Told what was read.</param>
    public static TrainingData ReadRows(IReadOnlyList<string> files, ModelDirectory model, TrainingOptions options, int maxSamples, ILogger logger)
    {
        var tokenizer = File.Exists(Path.Combine(model.Path, "tokenizer.json")) ? Tokenizer.Load(model.Path) : null;
        var reader = new RowReader(tokenizer, model.Configuration.VocabularySize, new RowReaderOptions
        {
            MaxLength = options.MaxLength,
            Truncation = options.MaxLengthAction,
            Mask = options.Mask,
            TrainOnEos = options.TrainOnEos,
            ChatTemplate = options.ChatTemplate,
            Form = options.RowForm,
            Columns = options.Columns,
            ResponseEnd = options.ResponseEnd,
        });
        var data = TrainingData.Load([.. files.Select(DataFile.Parse)], reader, new TrainingDataOptions
        {
            CacheDirectory = options.CacheDirectory == "none" ? "" : options.CacheDirectory,
            TokenizerDirectory = tokenizer is null ? null : model.Path,
            MaxSamples = maxSamples == 0 ? null : maxSamples,
            Seed = options.Seed,
            Logger = logger,
        });
        Log(logger, LogLevel.Information, $"{string.Join(", ", files)}: {data.Report}");
        return data;
    }

    private static void Log(ILogger logger, LogLevel level, string message) => logger.Log(level, default, message, null, static (text, _) => text);
}
