using DftNative.Data.Cache;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DftNative.Training;

/// <summary>How data files become training data.</summary>
public sealed record TrainingDataOptions
{
    /// <summary>
    /// Where tokenised rows are kept; null: files of a megabyte and more in the user's cache directory
    /// (<c>$XDG_CACHE_HOME/dftnative/rows</c>); empty: nowhere, rows stay in memory.
    /// </summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The directory of the tokenizer's files, which the cache's key has; null: no tokenizer.</summary>
    public string? TokenizerDirectory { get; init; }

    /// <summary>The most records to use, of all files in their order; null: all.</summary>
    public long? MaxSamples { get; init; }

    /// <summary>Of the choice of rows of files whose weight is not whole.</summary>
    public long Seed { get; init; }

    /// <summary>Told what a user should know.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Bytes of a part of the cache.</summary>
    internal long CachePartLength { get; init; } = RowCache.DefaultPartLength;
}
