using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DftNative.Data;

/// <summary>Reads a file line by line as a stream: memory holds one line at a time. A line ends at a line feed only.</summary>
internal static class TextLines
{
    private const int MaxLineLength = Sources.RecordSource.MaxRecordLength;

    /// <summary>The lines of a file, as of <see cref="Read(Stream, string)"/>.</summary>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Read(string path)
    {
        using var file = Open(path);
        foreach (var line in Read(file, path)) yield return line;
    }

    /// <summary>The lines, each with its number from 1 and without its line feed; a byte order mark is taken off. A line is valid until the next is asked for.</summary>
    /// <param name="stream">The bytes; not disposed.</param>
    /// <param name="path">Their name, for messages.</param>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Read(Stream stream, string path)
    {
        var buffer = new byte[1 << 16];
        var (start, end, number) = (0, 0, 0);
        var searched = 0;
        var isAtEnd = false;
        while (true)
        {
            var length = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (length < 0 && !isAtEnd)
            {
                if (start > 0) buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end, searched) = (0, end - start, end - start);
                if (end == buffer.Length) buffer = Grow(buffer, path, number + 1);
                var read = Fill(stream, buffer.AsSpan(end), path);
                (end, isAtEnd) = (end + read, read == 0);
                continue;
            }

            if (length < 0 && start == end) yield break;
            var lineEnd = length < 0 ? end : searched + length;
            var line = buffer.AsMemory(start, lineEnd - start);
            start = searched = length < 0 ? end : lineEnd + 1;
            number++;
            yield return (number, number == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line);
        }
    }

    /// <summary>Hands a line's text to <paramref name="use"/>; every fault becomes one line that names file and line.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="number">The line's number.</param>
    /// <param name="line">The line.</param>
    /// <param name="isJson">Whether the line is a JSON string.</param>
    /// <param name="use">What is done with the text.</param>
    public static T Parse<T>(string path, int number, ReadOnlyMemory<byte> line, bool isJson, Func<string, T> use)
    {
        if (isJson)
        {
            return JsonLines.Parse(path, number, line, root => root.ValueKind == JsonValueKind.String
                ? use(root.GetString()!)
                : throw new InvalidRowException("is not a JSON string"));
        }

        if (!Utf8.IsValid(line.Span)) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} is not valid UTF-8; save the file as UTF-8");
        if (line.Span.Contains((byte)0)) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} holds a raw NUL byte; give such text with --json, as \\u0000");
        return use(Encoding.UTF8.GetString(line.Span));
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw FileFault.CannotRead(path, error);
        }
    }

    private static int Fill(Stream stream, Span<byte> buffer, string path)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, error);
        }
    }

    private static byte[] Grow(byte[] buffer, string path, int number)
    {
        if (buffer.Length >= MaxLineLength) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} is longer than {MaxLineLength >> 20} MiB; is it one value a line?");
        Array.Resize(ref buffer, buffer.Length * 2);
        return buffer;
    }
}
