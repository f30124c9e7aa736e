using System.Text.Json;

namespace DftNative.Data;

/// <summary>Looks up fields of a row.</summary>
internal static class RowFields
{
    /// <summary>
    /// Whether a field is there; null counts as not there, since tools that write tables as JSONL give every row the
    /// columns of all.
    /// </summary>
    /// <param name="row">An object.</param>
    /// <param name="name">The field.</param>
    /// <param name="value">Its value.</param>
    public static bool TryGet(JsonElement row, string name, out JsonElement value) =>
        row.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
