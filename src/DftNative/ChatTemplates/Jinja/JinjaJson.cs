using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>JSON in and out: values of a data row, and Python's <c>json.dumps</c> as transformers' filter <c>tojson</c> calls it.</summary>
internal static class JinjaJson
{
    /// <summary>A JSON value as Python's json module reads it.</summary>
    public static object FromElement(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => FromNumber(element.GetRawText()),
        JsonValueKind.Array => JinjaSequence.List(element.EnumerateArray().Select(FromElement)),
        JsonValueKind.Object => new JinjaMapping(element.EnumerateObject().Select(property => KeyValuePair.Create<object, object>(property.Name, FromElement(property.Value)))),
        _ => JinjaNone.Value,
    };

    /// <summary>The filter <c>tojson</c>.</summary>
    public static string Serialize(JinjaArguments arguments)
    {
        var bound = arguments.Bind("tojson", 1, "value", "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = bound[2] switch
        {
            null or JinjaNone => null,
            string text => text,
            var width => new string(' ', JinjaLimits.CheckTextLength(Math.Max(0, JinjaNumber.ToIndex(width, "tojson's indent")))),
        };
        var (itemSeparator, keySeparator) = bound[3] switch
        {
            null or JinjaNone => (indent is null ? ", " : ",", ": "),
            JinjaSequence { Items: [string item, string key] } => (item, key),
            _ => throw new JinjaValueException("tojson's separators are not two texts"),
        };
        var writer = new Writer(indent, itemSeparator, keySeparator, bound[1] is { } ascii && JinjaOperators.IsTrue(ascii), bound[4] is { } sort && JinjaOperators.IsTrue(sort));
        return writer.Write(bound[0]!);
    }

    private static object FromNumber(string text)
    {
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return double.Parse(text, CultureInfo.InvariantCulture);
        return text.Length <= JinjaLimits.MaxIntegerBits / 4 ? BigInteger.Parse(text, CultureInfo.InvariantCulture) : throw new JinjaValueException("an integer has too many digits");
    }

    private sealed class Writer(string? indent, string itemSeparator, string keySeparator, bool isAscii, bool sortsKeys)
    {
        private readonly StringBuilder output = new();

        public string Write(object value)
        {
            Append(value, 0);
            return output.ToString();
        }

        private void Append(object value, int depth)
        {
            switch (value)
            {
                case string text:
                    AppendText(text);
                    break;
                case JinjaSequence { Kind: not SequenceKind.Range } sequence:
                    AppendAll('[', sequence.Items, ']', depth, Append);
                    break;
                case JinjaMapping mapping:
                    AppendAll('{', Entries(mapping), '}', depth, (entry, inner) =>
                    {
                        AppendText(KeyText(entry.Key));
                        output.Append(keySeparator);
                        Append(entry.Value, inner);
                    });
                    break;
                case JinjaNone or bool or BigInteger or double:
                    output.Append(KeyText(value));
                    break;
                default:
                    throw new JinjaValueException($"tojson: a {JinjaText.TypeName(value)} is no JSON value");
            }

            JinjaLimits.CheckTextLength(output.Length);
        }

        private List<KeyValuePair<object, object>> Entries(JinjaMapping mapping) => !sortsKeys
            ? [.. mapping.Entries]
            : [.. JinjaOperators.Sort(mapping.Entries, static entry => entry.Key, isReversed: false)];

        private void AppendAll<T>(char open, IReadOnlyList<T> items, char close, int depth, Action<T, int> append)
        {
            output.Append(open);
            for (var i = 0; i < items.Count; i++)
            {
                if (i > 0) output.Append(itemSeparator);
                BreakLine(depth + 1);
                append(items[i], depth + 1);
            }

            if (items.Count > 0) BreakLine(depth);
            output.Append(close);
        }

        private void BreakLine(int depth)
        {
            if (indent is null) return;
            JinjaLimits.CheckTextLength(output.Length + (long)indent.Length * depth);
            output.Append('\n').Insert(output.Length, indent, depth);
        }

        private static string KeyText(object key) => key switch
        {
            string text => text,
            JinjaNone => "null",
            bool truth => truth ? "true" : "false",
            BigInteger integer => integer.ToString(CultureInfo.InvariantCulture),
            double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : JinjaNumber.Format(number),
            _ => throw new JinjaValueException($"tojson: a {JinjaText.TypeName(key)} cannot be a key"),
        };

        private void AppendText(string text)
        {
            output.Append('"');
            foreach (var unit in text)
            {
                _ = unit switch
                {
                    '"' => output.Append("\\\""),
                    '\\' => output.Append("\\\\"),
                    '\n' => output.Append("\\n"),
                    '\r' => output.Append("\\r"),
                    '\t' => output.Append("\\t"),
                    '\f' => output.Append("\\f"),
                    '\b' => output.Append("\\b"),
                    < ' ' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                    > '~' when isAscii => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                    _ => output.Append(unit),
                };
            }

            output.Append('"');
        }
    }
}
