using System.Text.Json;
using System.Text.Unicode;

namespace DftNative.Data;

/// <summary>Parses JSON values of a data file.</summary>
internal static class JsonLines
{
    /// <summary>Parses a line and hands its root to <paramref name="read"/>; every fault becomes one line that names file and row.</summary>
    public static T Parse<T>(string path, long number, ReadOnlyMemory<byte> line, Func<JsonElement, T> read)
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
}
