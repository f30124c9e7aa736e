using System.Globalization;
using System.Numerics;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Values as text: Python's <c>str()</c>, <c>repr()</c> and type names.</summary>
internal static class JinjaText
{
    /// <summary>Python's name of the value's type.</summary>
    public static string TypeName(object value) => value switch
    {
        JinjaNone => "NoneType",
        JinjaUndefined => "Undefined",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        string => "str",
        JinjaSequence { Kind: SequenceKind.List } => "list",
        JinjaSequence { Kind: SequenceKind.Tuple } => "tuple",
        JinjaSequence => "range",
        JinjaMapping => "dict",
        JinjaView view => view.TypeName,
        JinjaIterator => "generator",
        JinjaNamespace => "namespace",
        JinjaCallable => "function",
        _ => "loop",
    };

    /// <summary>What <c>{{ value }}</c> prints.</summary>
    /// <exception cref="JinjaValueException">It has no text that means anything, such as a function.</exception>
    public static string Str(object value) => value switch
    {
        string text => text,
        JinjaUndefined => "",
        _ => Repr(value),
    };

    /// <summary>Python's repr.</summary>
    /// <exception cref="JinjaValueException">It has none that means anything.</exception>
    public static string Repr(object value)
    {
        switch (value)
        {
            case JinjaNone: return "None";
            case JinjaUndefined: return "Undefined";
            case bool truth: return truth ? "True" : "False";
            case BigInteger integer: return integer.ToString(CultureInfo.InvariantCulture);
            case double number: return JinjaNumber.Format(number);
        }

        var builder = new StringBuilder();
        AppendRepr(value, builder);
        return builder.ToString();
    }

    private static void AppendRepr(object value, StringBuilder builder)
    {
        switch (value)
        {
            case string text:
                AppendQuoted(text, builder);
                break;
            case JinjaSequence { Kind: SequenceKind.List } list:
                AppendItems("[", list.Items, "]", builder);
                break;
            case JinjaSequence { Kind: SequenceKind.Tuple } tuple:
                AppendItems("(", tuple.Items, tuple.Items.Count == 1 ? ",)" : ")", builder);
                break;
            case JinjaSequence { RangeText: { } range }:
                builder.Append(range);
                break;
            case JinjaMapping mapping:
                AppendMapping(mapping, builder);
                break;
            case JinjaView view:
                AppendItems(view.TypeName + "([", view.Items, "])", builder);
                break;
            case JinjaNone or JinjaUndefined or bool or BigInteger or double:
                builder.Append(Repr(value));
                break;
            default:
                throw new JinjaValueException($"a {TypeName(value)} cannot be made text; put it through the filter list where it is a sequence");
        }

        JinjaLimits.CheckTextLength(builder.Length);
    }

    private static void AppendItems(string open, IReadOnlyList<object> items, string close, StringBuilder builder)
    {
        builder.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) builder.Append(", ");
            AppendRepr(items[i], builder);
        }

        builder.Append(close);
    }

    private static void AppendMapping(JinjaMapping mapping, StringBuilder builder)
    {
        var separator = "{";
        foreach (var (key, value) in mapping.Entries)
        {
            builder.Append(separator);
            AppendRepr(key, builder);
            builder.Append(": ");
            AppendRepr(value, builder);
            separator = ", ";
        }

        builder.Append(mapping.Count == 0 ? "{}" : "}");
    }

    private static void AppendQuoted(string text, StringBuilder builder)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        builder.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => builder.Append("\\\\"),
                '\n' => builder.Append("\\n"),
                '\r' => builder.Append("\\r"),
                '\t' => builder.Append("\\t"),
                var code when code == quote => builder.Append('\\').Append(quote),
                _ when PythonString.IsPrintable(rune) => builder.Append(rune.ToString()),
                < 0x100 => builder.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => builder.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => builder.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        builder.Append(quote);
    }
}
