using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>Reads JSON that others wrote: whatever is wrong with it is a <see cref="DftNativeException"/> with exit code 3.</summary>
internal static class JsonInput
{
    /// <summary>The bytes of a small file.</summary>
    public static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, exception);
        }
    }

    /// <summary>Parses an object and hands its root to <paramref name="read"/>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="what">The file's path, or what else to call it in a message.</param>
    /// <param name="read">Turns the root into a value; the root is invalid afterwards.</param>
    public static T ParseObject<T>(ReadOnlyMemory<byte> json, string what, Func<JsonElement, T> read)
    {
        // Python's tools write and skip a byte-order mark; the parser does not.
        if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new DftNativeException(ExitCode.InvalidInput, $"{what}: not a JSON object");
            CheckDuplicates(document.RootElement, what);
            return read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{what}: not valid JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Strings with broken UTF-8 or lone surrogates parse, and fail when they are read.
            throw new DftNativeException(ExitCode.InvalidInput, $"{what}: not valid JSON: {exception.Message}", exception);
        }
    }

    // An object with one key twice means different things to different readers. (The parser can refuse it too, but cuts
    // the key to 15 letters in its message.)
    private static void CheckDuplicates(JsonElement element, string what)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) CheckDuplicates(item, what);
        }

        if (element.ValueKind != JsonValueKind.Object) return;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new DftNativeException(ExitCode.InvalidInput, $"{what}: '{property.Name}' is defined twice");
            CheckDuplicates(property.Value, what);
        }
    }
}
