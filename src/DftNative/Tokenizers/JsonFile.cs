using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads a small file of a model directory whose shape is not to be trusted.</summary>
internal static class JsonFile
{
    /// <summary>Parses a file and hands its root to <paramref name="read"/>; every fault becomes one line that names the file.</summary>
    public static T Read<T>(string path, Func<JsonElement, T> read) => ReadBytes(path, bytes =>
    {
        using var document = JsonDocument.Parse(bytes);
        return read(document.RootElement);
    });

    /// <summary>Hands a file's bytes to <paramref name="read"/>; every fault becomes one line that names the file.</summary>
    public static T ReadBytes<T>(string path, Func<byte[], T> read)
    {
        try
        {
            return read(File.ReadAllBytes(path));
        }
        catch (JsonException error)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; get the file again", error);
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: a field is missing or has the wrong type ({error.Message})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, error);
        }
    }

    /// <summary>The property, or null where it is absent or null.</summary>
    public static JsonElement? Find(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The property as text, or null.</summary>
    public static string? FindString(this JsonElement element, string name) => element.Find(name)?.GetString();

    /// <summary>The property as true or false; <paramref name="missing"/> where it is absent.</summary>
    public static bool FindBoolean(this JsonElement element, string name, bool missing) => element.Find(name)?.GetBoolean() ?? missing;
}
