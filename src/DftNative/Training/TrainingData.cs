using System.Collections;
using DftNative.Data;
using DftNative.Data.Cache;
using Microsoft.Extensions.Logging;

namespace DftNative.Training;

/// <summary>
/// The rows of several files, in the files' order, each file as often as its weight says. Cached rows are made when they
/// are asked for, so that a million of them do not live in memory.
/// </summary>
public sealed class TrainingData : IReadOnlyList<TrainingRow>, IDisposable
{
    private const int SmallestCachedFile = 1 << 20;

    private readonly RowReader reader;
    private readonly List<(string Path, IReadOnlyList<TrainingRow> Rows)> files = [];
    private readonly List<(int File, int Row)> order = [];

    private TrainingData(RowReader reader) => this.reader = reader;

    /// <summary>What was read of the files, each counted once.</summary>
    public DataReport Report { get; } = new();

    /// <inheritdoc/>
    public int Count => order.Count;

    /// <inheritdoc/>
    public TrainingRow this[int index] => files[order[index].File].Rows[order[index].Row];

    /// <summary>Reads files, or finds them in the cache.</summary>
    /// <param name="dataFiles">The files.</param>
    /// <param name="reader">Makes rows of them.</param>
    /// <param name="options">Where they are kept, and how many.</param>
    /// <exception cref="DftNativeException">A file is malformed, or there is no row or nothing to train; the cache cannot be written.</exception>
    public static TrainingData Load(IReadOnlyList<DataFile> dataFiles, RowReader reader, TrainingDataOptions options)
    {
        var data = new TrainingData(reader);
        try
        {
            foreach (var file in dataFiles)
            {
                var left = (options.MaxSamples ?? long.MaxValue) - data.Report.RowCount;
                if (left <= 0) break;
                data.Add(file, options, options.MaxSamples is null ? long.MaxValue : left);
            }

            if (data.Report.TrainedTokenCount == 0) throw RowReader.NothingToTrain(string.Join(", ", dataFiles.Select(file => file.Path)), data.Report);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Where a row stands, for messages. Reads the file again up to there: which of its rows are used, and where, is kept nowhere.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="DftNativeException">The file is no longer what it was.</exception>
    public string Locate(int index)
    {
        var path = files[order[index].File].Path;
        return $"{path}: row {reader.FindNumber(path, order[index].Row)}";
    }

    /// <inheritdoc/>
    public IEnumerator<TrainingRow> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, rows) in files) (rows as IDisposable)?.Dispose();
    }

    private void Add(DataFile file, TrainingDataOptions options, long maxRecords)
    {
        var (rows, report) = Read(file.Path, reader, options, maxRecords);
        files.Add((file.Path, rows));
        Report.Add(report);
        if (report.RowCount == 0) throw RowReader.NoRows(file.Path);
        var before = order.Count;
        AddRows(files.Count - 1, rows.Count, file.Weight, options.Seed);
        if (file.Weight != 1) options.Logger.Weighted(file.Path, file.Weight, order.Count - before, rows.Count);
    }

    private static (IReadOnlyList<TrainingRow> Rows, DataReport Report) Read(string path, RowReader reader, TrainingDataOptions options, long maxRecords)
    {
        if (CacheDirectory(path, options) is { } directory)
        {
            var key = RowCacheKey.Compute(path, options.TokenizerDirectory, reader.VocabularySize, reader.Options);
            var cached = new RowCache(directory, options.CachePartLength, options.Logger).Open(reader, path, key, maxRecords);
            return (cached, cached.Report);
        }

        var rows = new List<TrainingRow>();
        var report = new DataReport();
        foreach (var record in reader.ReadRecords(path, 0, maxRecords))
            if (reader.Admit(record, report) is { } row) rows.Add(row);
        return (rows, report);
    }

    private static string? CacheDirectory(string path, TrainingDataOptions options)
    {
        if (options.CacheDirectory is { } directory) return directory.Length == 0 ? null : directory;
        if (!File.Exists(path) || new FileInfo(path).Length < SmallestCachedFile) return null;
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root)) root = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "dftnative", "rows");
    }

    /// <summary>Adds a file's rows: all of them as often as the weight is whole, and of what is left over a choice that is a function of the seed and the file's place.</summary>
    private void AddRows(int file, int count, double weight, long seed)
    {
        for (var i = 0; i < (int)weight; i++)
            for (var row = 0; row < count; row++) order.Add((file, row));
        var left = (int)Math.Round((weight - Math.Floor(weight)) * count, MidpointRounding.AwayFromZero);
        if (left == 0) return;
        var shuffled = new DataOrder(seed, count);
        foreach (var row in Enumerable.Range(0, left).Select(position => shuffled[int.MaxValue - file, position]).Order()) order.Add((file, row));
    }
}
