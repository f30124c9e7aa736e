using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Checkpoints;
using DftNative.Data;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>
/// samples.jsonl: a row a problem, written as it ends; read again where an evaluation is continued. What a kill has left
/// of a row is cut off.
/// </summary>
public sealed class SampleFile : IDisposable
{
    /// <summary>How to go on where a row is not as it was written.</summary>
    internal const string Mend = "remove the row, and its problem is sampled again";

    // What is text in the file stays text that can be read.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream stream;
    private readonly MemoryStream line = new();
    private readonly string path;

    private SampleFile(string path, FileStream stream) => (this.path, this.stream) = (path, stream);

    /// <summary>Opens the file to append.</summary>
    /// <param name="path">Made if absent.</param>
    /// <param name="onRow">Given every row that is there; may refuse it.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>: it cannot be opened, for example since another process writes it.</exception>
    public static SampleFile Open(string path, Action<ProblemSamples> onRow)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var (_, length) = ReadWhole(stream, path, onRow);
            stream.SetLength(length);
            stream.Seek(0, SeekOrigin.End);
            return new SampleFile(path, stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw AtomicFile.CannotWrite(path, exception);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>The rows of a file, one in memory at a time.</summary>
    public static void Read(string path, Action<ProblemSamples> onRow)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ReadWhole(stream, path, onRow);
    }

    /// <summary>Writes a row.</summary>
    public void Append(ProblemSamples row)
    {
        line.SetLength(0);
        using (var json = new Utf8JsonWriter(line, WriterOptions)) SampleRows.Write(json, row);
        line.WriteByte((byte)'\n');
        try
        {
            line.WriteTo(stream);
            stream.Flush();
        }
        catch (Exception exception) when (AtomicFile.IsWriteError(exception))
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    /// <summary>Brings the rows into the benchmarks' order, in which they did not end; nothing is appended after it.</summary>
    /// <param name="benchmarks">The benchmarks' names in their order.</param>
    public void Sort(IReadOnlyList<string> benchmarks)
    {
        var benchmarkPlaces = Enumerable.Range(0, benchmarks.Count).ToDictionary(i => benchmarks[i], StringComparer.Ordinal);
        var places = new List<(int Benchmark, int Number)>();
        stream.Seek(0, SeekOrigin.Begin);
        var (starts, length) = ReadWhole(stream, path, row => places.Add((benchmarkPlaces[row.Benchmark], row.Number)));
        starts.Add(length);
        var order = Enumerable.Range(0, places.Count).OrderBy(i => places[i]).ToArray();
        if (order.SequenceEqual(Enumerable.Range(0, order.Length))) return;
        AtomicFile.Write(path, output =>
        {
            foreach (var row in order)
            {
                var bytes = new byte[starts[row + 1] - starts[row]];
                stream.Seek(starts[row], SeekOrigin.Begin);
                stream.ReadExactly(bytes);
                output.Write(bytes);
            }

            return 0;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        line.Dispose();
    }

    /// <summary>Reads the whole rows from the begin of a file.</summary>
    /// <returns>Where each begins, and where they end.</returns>
    private static (List<long> Starts, long Length) ReadWhole(FileStream stream, string path, Action<ProblemSamples> onRow)
    {
        var starts = new List<long>();
        long length = 0;
        if (stream.ReadByte() == 0xEF) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: begins with a byte order mark: another program has saved it; save it without the mark");
        stream.Seek(0, SeekOrigin.Begin);
        foreach (var (number, bytes) in TextLines.Read(stream, path))
        {
            // A line without its end is what a kill has left.
            if (length + bytes.Length >= stream.Length) break;
            JsonLines.Parse(path, number, bytes, root =>
            {
                onRow(SampleRows.Read(root));
                return 0;
            });
            starts.Add(length);
            length += bytes.Length + 1;
        }

        return (starts, length);
    }
}
