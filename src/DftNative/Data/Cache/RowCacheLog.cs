using Microsoft.Extensions.Logging;

namespace DftNative.Data.Cache;

/// <summary>What the cache of rows says.</summary>
internal static partial class RowCacheLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Path}: rows from the cache {Folder}")]
    public static partial void Cached(this ILogger logger, string path, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path}: {Done} rows were tokenised before; going on after them")]
    public static partial void Continued(this ILogger logger, string path, long done);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is made again: {Problem}")]
    public static partial void Rebuilt(this ILogger logger, string path, string problem);
}
