using System.Globalization;
using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>The fields of one object of a config.json, read with their range checked; null counts as absent, as in transformers.</summary>
internal sealed class ConfigurationFields(string what, JsonElement element)
{
    /// <summary>The object.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>The error for something that is not as it should be.</summary>
    public DftNativeException Bad(string problem) => new(ExitCode.InvalidInput, $"{what}: {problem}");

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>The field, unless absent or null.</summary>
    public bool TryGet(string name, out JsonElement value) =>
        Element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number that must be there.</summary>
    public int RequiredInt32(string name, int min, int max) =>
        OptionalInt32(name, min, max) ?? throw Bad($"{name} is missing");

    /// <summary>A whole number.</summary>
    public int? OptionalInt32(string name, int min, int max)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number < min || number > max)
            throw Bad($"{name} is {Shorten(value)}; it must be a whole number from {min} to {max}");
        return number;
    }

    /// <summary>A number.</summary>
    public double? OptionalDouble(string name, double min, double max)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !(number >= min) || !(number <= max))
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"{name} is {Shorten(value)}; it must be a number from {min} to {max}"));
        }

        return number;
    }

    /// <summary>A truth value; absent: false.</summary>
    public bool Flag(string name)
    {
        if (!TryGet(name, out var value)) return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Bad($"{name} is {Shorten(value)}; it must be true or false"),
        };
    }

    /// <summary>A string.</summary>
    public string? OptionalString(string name)
    {
        if (!TryGet(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad($"{name} is {Shorten(value)}; it must be a string");
    }

    /// <summary>An object within.</summary>
    public ConfigurationFields? OptionalObject(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Bad($"{name} is {Shorten(value)}; it must be an object");
        return new ConfigurationFields($"{what}: {name}", value);
    }

    /// <summary>A value as it stands in the file, cut to the length of a message.</summary>
    public static string Shorten(JsonElement value)
    {
        const int MaxLength = 60;
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= MaxLength ? text : text[..MaxLength] + "…";
    }
}
