using DftNative.Checkpoints;
using Microsoft.Extensions.Logging;

namespace DftNative.Data.Cache;

/// <summary>
/// Encoded rows on the disk: a data file is tokenised once. They are written in parts, so that what was done before a
/// crash stays; a part that is damaged or of another version is made again.
/// </summary>
/// <param name="directory">Where caches are kept, each in a directory of its own; all of it may be deleted at any time.</param>
/// <param name="partLength">Bytes of rows after which a part is written.</param>
/// <param name="logger">Told what is made again and why.</param>
internal sealed class RowCache(string directory, long partLength, ILogger logger)
{
    /// <summary>Some seconds of work, and little memory.</summary>
    public const long DefaultPartLength = 1 << 25;

    /// <summary>A file's rows: from the cache as far as it goes, else encoded and written to it.</summary>
    /// <param name="reader">Reads the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="key">[32] what its rows depend on.</param>
    /// <param name="maxRecords">The most records to use.</param>
    /// <exception cref="DftNativeException">The file is malformed, or the cache cannot be written.</exception>
    public CachedRows Open(RowReader reader, string path, byte[] key, long maxRecords)
    {
        // A limit cuts a part, so each limit has parts of its own.
        var folder = Path.Combine(directory, Convert.ToHexStringLower(key)[..32] + (maxRecords == long.MaxValue ? "" : $"-{maxRecords}"));
        var parts = OpenParts(folder, key);
        try
        {
            if (parts is not [.., { IsLast: true }]) Complete(reader, path, key, maxRecords, folder, parts);
            else logger.Cached(path, folder);
            return new CachedRows(parts);
        }
        catch
        {
            foreach (var part in parts) part.Dispose();
            throw;
        }
    }

    private List<RowCachePart> OpenParts(string folder, byte[] key)
    {
        var parts = new List<RowCachePart>();
        while (parts is not [.., { IsLast: true }] && RowCachePart.TryOpen(PartPath(folder, parts.Count), key, out var problem) is var part)
        {
            if (problem is not null) logger.Rebuilt(PartPath(folder, parts.Count), problem);
            if (part is null) break;
            parts.Add(part);
        }

        return parts;
    }

    private void Complete(RowReader reader, string path, byte[] key, long maxRecords, string folder, List<RowCachePart> parts)
    {
        CreateFolder(folder);
        var done = parts.Sum(part => part.Report.RowCount);
        if (done > 0) logger.Continued(path, done);
        var rows = new List<TrainingRow>();
        var report = new DataReport();
        var length = 0L;
        foreach (var record in reader.ReadRecords(path, done, maxRecords))
        {
            if (reader.Admit(record, report) is { } row)
            {
                rows.Add(row);
                length += RowCachePart.MeasureRow(row);
            }

            if (length >= partLength) WritePart(isLast: false);
        }

        WritePart(isLast: true);

        void WritePart(bool isLast)
        {
            var partPath = PartPath(folder, parts.Count);
            RowCachePart.Write(partPath, key, rows, report, isLast);
            parts.Add(RowCachePart.TryOpen(partPath, key, out var problem)
                ?? throw new DftNativeException(ExitCode.CannotWrite, $"{partPath}: was written and cannot be read back: {problem}; is the disk in order?"));
            rows.Clear();
            (report, length) = (new DataReport(), 0);
        }
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DftNativeException(ExitCode.CannotWrite, $"{folder}: cannot be made: {error.Message}; name another place with --cache_dir, or none", error);
        }

        // What a killed run left. A young file may be another run's that fills the same cache.
        foreach (var leftover in Directory.EnumerateFiles(folder, ".*.tmp-*"))
            if (File.GetLastWriteTimeUtc(leftover) < DateTime.UtcNow.AddHours(-1)) AtomicDirectory.RemoveQuietly(leftover);
    }

    private static string PartPath(string folder, int part) => Path.Combine(folder, $"part-{part:D5}.rows");
}
