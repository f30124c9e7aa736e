using System.Globalization;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Escapes of a text constant, which are Python's.</summary>
internal static class StringEscapes
{
    /// <summary>The text that a constant's inside stands for.</summary>
    /// <exception cref="JinjaValueException">An escape is malformed or not supported.</exception>
    public static string Decode(string inside)
    {
        if (!inside.Contains('\\', StringComparison.Ordinal)) return inside;
        var text = new StringBuilder(inside.Length);
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] != '\\')
            {
                text.Append(inside[i]);
                continue;
            }

            i++;
            _ = inside[i] switch
            {
                '\n' => text,
                '\\' or '\'' or '"' => text.Append(inside[i]),
                'a' => text.Append('\a'),
                'b' => text.Append('\b'),
                'f' => text.Append('\f'),
                'n' => text.Append('\n'),
                'r' => text.Append('\r'),
                't' => text.Append('\t'),
                'v' => text.Append('\v'),
                'x' => AppendHexadecimal(text, inside, ref i, 2),
                'u' => AppendHexadecimal(text, inside, ref i, 4),
                'U' => AppendHexadecimal(text, inside, ref i, 8),
                'N' => throw new JinjaValueException(@"the escape \N{…} is not supported"),
                >= '0' and <= '7' => AppendOctal(text, inside, ref i),
                _ => text.Append('\\').Append(inside[i]),
            };
        }

        return text.ToString();
    }

    private static StringBuilder AppendHexadecimal(StringBuilder text, string inside, ref int i, int count)
    {
        var digits = inside.AsSpan(i + 1, Math.Min(count, inside.Length - i - 1));
        if (digits.Length < count || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)) throw new JinjaValueException($"the escape \\{inside[i]} needs {count} hexadecimal digits");
        i += count;
        return Append(text, code);
    }

    private static StringBuilder AppendOctal(StringBuilder text, string inside, ref int i)
    {
        var code = 0;
        var end = Math.Min(i + 3, inside.Length);
        for (; i < end && inside[i] is >= '0' and <= '7'; i++) code = code * 8 + (inside[i] - '0');
        i--;
        return Append(text, code);
    }

    private static StringBuilder Append(StringBuilder text, int code) => Rune.TryCreate(code, out var rune)
        ? text.Append(rune.ToString())
        : throw new JinjaValueException("an escape is no Unicode character");
}
