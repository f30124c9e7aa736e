using System.Globalization;
using System.Numerics;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's <c>'{}'.format(…)</c>.</summary>
internal static class BraceFormat
{
    /// <summary>Formats.</summary>
    public static string Apply(string format, JinjaArguments arguments)
    {
        var next = 0;
        return Expand(format, arguments, ref next, depth: 0);
    }

    private static string Expand(string format, JinjaArguments arguments, ref int next, int depth)
    {
        if (depth > 1) throw new JinjaValueException("a format's places are nested too deeply");
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] is '{' or '}' && i + 1 < format.Length && format[i + 1] == format[i] && depth == 0)
            {
                result.Append(format[i++]);
            }
            else if (format[i] == '{')
            {
                var end = EndOf(format, i);
                result.Append(Replace(format[(i + 1)..end], arguments, ref next, depth));
                i = end;
            }
            else if (format[i] == '}')
            {
                throw new JinjaValueException("a format has a single '}'");
            }
            else
            {
                result.Append(format[i]);
            }

            JinjaLimits.CheckTextLength(result.Length);
        }

        return result.ToString();
    }

    private static int EndOf(string format, int start)
    {
        var open = 0;
        for (var i = start; i < format.Length; i++)
        {
            open += format[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (open == 0) return i;
        }

        throw new JinjaValueException("a format has a single '{'");
    }

    private static string Replace(string field, JinjaArguments arguments, ref int next, int depth)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? field : field[..colon];
        var conversion = name.IndexOf('!', StringComparison.Ordinal);
        var kind = conversion < 0 ? "" : name[(conversion + 1)..];
        var value = Find(conversion < 0 ? name : name[..conversion], arguments, ref next);
        var specification = colon < 0 ? "" : Expand(field[(colon + 1)..], arguments, ref next, depth + 1);
        value = kind switch
        {
            "" => value,
            "s" => JinjaText.Str(value),
            "r" => JinjaText.Repr(value),
            _ => throw new JinjaValueException($"a format's conversion '!{kind}' is not supported"),
        };
        return FormatSpecification.Parse(specification).Apply(value);
    }

    private static object Find(string path, JinjaArguments arguments, ref int next)
    {
        var end = path.IndexOfAny(['.', '[']);
        var first = end < 0 ? path : path[..end];
        object value;
        if (first.Length == 0 || char.IsAsciiDigit(first[0]))
        {
            var index = first.Length == 0 ? next++ : int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : int.MaxValue;
            value = index < arguments.Positional.Count ? arguments.Positional[index] : throw new JinjaValueException("a format has more places than values");
        }
        else
        {
            value = arguments.Find(first) ?? throw new JinjaValueException($"a format's '{first}' is not given");
        }

        while (end >= 0 && end < path.Length)
        {
            var isItem = path[end] == '[';
            var close = isItem ? path.IndexOf(']', end) : path.IndexOfAny(['.', '['], end + 1);
            if (isItem && close < 0) throw new JinjaValueException("a format has a single '['");
            var part = path[(end + 1)..(close < 0 ? path.Length : close)];
            object key = isItem && BigInteger.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : part;
            value = isItem ? JinjaAccess.GetItem(value, key) : JinjaAccess.GetAttribute(value, part);
            if (value is JinjaUndefined undefined) throw undefined.Error();
            end = isItem && close >= 0 ? close + 1 : close;
        }

        return value;
    }
}
