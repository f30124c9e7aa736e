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

    /// <summary>Reads rows as the options have it, with the model's tokenizer if it has one, and tells what was read. Notes in the options which tokens end a sequence.</summary>
    public static IReadOnlyList<TrainingRow> ReadRows(IReadOnlyList<string> files, ModelDirectory model, TrainingOptions options, ILogger logger)
    {
        var tokenizer = File.Exists(Path.Combine(model.Path, "tokenizer.json")) ? Tokenizer.Load(model.Path) : null;
        options.TokenizerEosTokenIds = tokenizer?.EosTokenIds ?? [];
        var reader = new RowReader(tokenizer, model.Configuration.VocabularySize, new RowReaderOptions
        {
            MaxLength = options.MaxLength,
            Truncation = options.MaxLengthAction,
            ChatTemplate = options.ChatTemplate,
        });
        var rows = reader.Read(files).ToList();
        Log(logger, LogLevel.Information, $"{string.Join(", ", files)}: {reader.Report}");
        return rows;
    }

    private static void Log(ILogger logger, LogLevel level, string message) => logger.Log(level, default, message, null, static (text, _) => text);
}
