using System.Text;
using System.Text.Json;

namespace DftNative.Tests.Tokenizers;

/// <summary>What another implementation made of a text.</summary>
/// <param name="Ids">Without special tokens added.</param>
/// <param name="SpecialIds">With them; null where it was not asked.</param>
/// <param name="Text">The ids decoded again.</param>
internal sealed record OracleEncoding(int[] Ids, int[]? SpecialIds, string Text)
{
    public static string ToJson(string text)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) writer.WriteStringValue(text);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static OracleEncoding Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        int[]? Ids(string name) => document.RootElement.GetProperty(name) is { ValueKind: JsonValueKind.Array } ids ? [.. ids.EnumerateArray().Select(id => id.GetInt32())] : null;
        return new OracleEncoding(Ids("ids")!, Ids("special"), document.RootElement.GetProperty("text").GetString()!);
    }
}
