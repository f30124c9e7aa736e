using Microsoft.Extensions.Logging;

namespace DftNative.Training;

/// <summary>What the trainer says.</summary>
internal static partial class TrainerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: {Count} rows have nothing to learn and contribute 0")]
    public static partial void RowsWithoutTarget(this ILogger logger, string what, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "loading {What}: {Percent} %")]
    public static partial void Loading(this ILogger logger, string what, long percent);

    [LoggerMessage(Level = LogLevel.Information, Message = "resumed from {Directory} at step {Step}")]
    public static partial void Resumed(this ILogger logger, string directory, int step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Directory} is of another device or version of cuBLASLt, which rounds otherwise: the run goes on, but not bit by bit as it would have there")]
    public static partial void OtherPlans(this ILogger logger, string directory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "step {Step} is skipped: its loss or gradient is not finite ({InARow} in a row, the run ends at {Limit})")]
    public static partial void Skipped(this ILogger logger, int step, int inARow, int limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "load_best_model_at_end: no evaluation gave a finite {Metric}; final/ is the last step's model")]
    public static partial void NoBest(this ILogger logger, string metric);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no report is written: {Reason}")]
    public static partial void NoReport(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "packing: {Passes} of {Tokens} tokens for {Steps}, {Percent:F1} % full")]
    public static partial void Packing(this ILogger logger, string passes, int tokens, string steps, double percent);
}
