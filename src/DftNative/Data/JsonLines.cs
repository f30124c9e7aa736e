using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Data;

/// <summary>Reads a file of one JSON value a line as a stream: memory holds one line at a time.</summary>
internal static class JsonLines
{
    private const int MaxLineLength = 1 << 30;

    /// <summary>The lines that are not blank, each with its number from 1; a byte order mark and line ends are taken off.</summary>
    /// <param name="path">The file; its lines are bytes until they are asked for as JSON.</param>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> ReadLines(string path)
    {
        using var file = Open(path);
        var buffer = new byte[1 << 16];
        var (start, end, number) = (0, 0, 0);
        var position = 0L;
        var isAtEnd = false;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !isAtEnd)
            {
                if (start > 0) buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                if (end == buffer.Length) buffer = Grow(buffer, path, number + 1);
                var read = Read(file, buffer.AsSpan(end), position, path);
                (end, position, isAtEnd) = (end + read, position + read, read == 0);
                continue;
            }

            if (length < 0 && start == end) yield break;
            var line = buffer.AsMemory(start, length < 0 ? end - start : length);
            start = length < 0 ? end : start + length + 1;
            number++;
            if (number == 1 && line.Span.StartsWith("\uFEFF"u8)) line = line[3..];
            if (line.Span.ContainsAnyExcept((byte)' ', (byte)'\t', (byte)'\r')) yield return (number, line);
        }
    }

    /// <summary>Parses a line and hands its root to <paramref name="read"/>; every fault becomes one line that names file and row.</summary>
    public static T Parse<T>(string path, int number, ReadOnlyMemory<byte> line, Func<JsonElement, T> read)
    {
        try
        {
            if (!Utf8.IsValid(line.Span)) throw new InvalidRowException("is not valid UTF-8; save the file as UTF-8");
            using var document = JsonDocument.Parse(line);
            return read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} is not valid JSON at byte {error.BytePositionInLine + 1}; each line must be one JSON value", error);
        }
        catch (InvalidRowException error)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // What System.Text.Json throws for "\ud800": UTF-16 that no UTF-8 can stand for.
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} holds a text with an unpaired surrogate escape, which is not Unicode text", error);
        }
        catch (DftNativeException error)
        {
            throw new DftNativeException(error.ExitCode, $"{path}: row {number}: {error.Message}", error);
        }
    }

    private static SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static int Read(SafeFileHandle file, Span<byte> buffer, long position, string path)
    {
        try
        {
            return RandomAccess.Read(file, buffer, position);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static byte[] Grow(byte[] buffer, string path, int number)
    {
        if (buffer.Length >= MaxLineLength) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: row {number} is longer than {MaxLineLength >> 20} MiB; is it one JSON value a line?");
        Array.Resize(ref buffer, buffer.Length * 2);
        return buffer;
    }
}
