using System.Globalization;

namespace DftNative.Experiments;

/// <summary>Numbers as JSON on one line, where an indented writer would give each a line of its own.</summary>
internal static class JsonNumbers
{
    /// <summary>An array; null where there is no finite number.</summary>
    public static string Format(IEnumerable<double> values) =>
        $"[{string.Join(",", values.Select(value => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null"))}]";
}
