using Microsoft.Extensions.Logging;

namespace DftNative.Training;

/// <summary>What <see cref="TrainingData"/> says.</summary>
internal static partial class TrainingDataLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Path}: weight {Weight}, {Used} rows an epoch of its {Count}")]
    public static partial void Weighted(this ILogger logger, string path, double weight, int used, int count);
}
