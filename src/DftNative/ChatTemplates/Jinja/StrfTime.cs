using System.Globalization;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's strftime in the C locale.</summary>
internal static class StrfTime
{
    /// <summary>Formats a time.</summary>
    /// <exception cref="JinjaValueException">A directive is not supported.</exception>
    public static string Format(DateTime time, string format)
    {
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            var isBare = format[++i] == '-' && i + 1 < format.Length;
            if (isBare) i++;
            var text = Directive(time, format[i]);
            result.Append(isBare && text.Length > 1 ? text.TrimStart('0') is { Length: > 0 } bare ? bare : "0" : text);
        }

        return result.ToString();
    }

    private static string Directive(DateTime time, char directive)
    {
        return directive switch
        {
            'a' => Net("ddd"),
            'A' => Net("dddd"),
            'b' or 'h' => Net("MMM"),
            'B' => Net("MMMM"),
            'c' => Net("ddd MMM ") + Net("%d").PadLeft(2) + Net(" HH:mm:ss yyyy"),
            'd' => Net("dd"),
            'D' or 'x' => Net("MM/dd/yy"),
            'e' => Net("%d").PadLeft(2),
            'f' => Net("ffffff"),
            'F' => Net("yyyy-MM-dd"),
            'H' => Net("HH"),
            'I' => Net("hh"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'm' => Net("MM"),
            'M' => Net("mm"),
            'n' => "\n",
            'p' => Net("tt"),
            'R' => Net("HH:mm"),
            'S' => Net("ss"),
            't' => "\t",
            'T' or 'X' => Net("HH:mm:ss"),
            'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'y' => Net("yy"),
            'Y' => Net("yyyy"),
            'z' or 'Z' => "",
            '%' => "%",
            _ => throw new JinjaValueException($"strftime_now: the directive '%{directive}' is not supported"),
        };

        string Net(string pattern) => time.ToString(pattern, CultureInfo.InvariantCulture);
    }
}
