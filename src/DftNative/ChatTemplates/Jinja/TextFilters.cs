using System.Numerics;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Filters that make texts.</summary>
internal static class TextFilters
{
    /// <summary>Adds them to the table.</summary>
    public static void AddTo(Dictionary<string, Func<RenderState, JinjaArguments, object>> table)
    {
        table["upper"] = (_, arguments) => PythonCase.Upper(Single(arguments, "upper"));
        table["lower"] = (_, arguments) => PythonCase.Lower(Single(arguments, "lower"));
        table["capitalize"] = (_, arguments) => PythonString.Capitalize(Single(arguments, "capitalize"));
        table["title"] = (_, arguments) => Title(Single(arguments, "title"));
        table["string"] = (_, arguments) => Single(arguments, "string");
        table["safe"] = (_, arguments) => Single(arguments, "safe");
        table["escape"] = table["e"] = table["forceescape"] = (_, arguments) => Escape(Single(arguments, "escape"));
        table["wordcount"] = (_, arguments) => (BigInteger)CountWords(Single(arguments, "wordcount"));
        table["tojson"] = (_, arguments) => JinjaJson.Serialize(arguments);
        table["format"] = (_, arguments) => Format(arguments);
        table["trim"] = (_, arguments) =>
        {
            var bound = arguments.Bind("trim", 1, "value", "chars");
            return PythonString.Strip(JinjaText.Str(bound[0]!), bound[1] is null or JinjaNone ? null : RequireText(bound[1]!, "trim"));
        };
        table["replace"] = (_, arguments) =>
        {
            var bound = arguments.Bind("replace", 3, "s", "old", "new", "count");
            var limit = bound[3] is null or JinjaNone ? -1 : JinjaNumber.ToIndex(bound[3]!, "replace's count");
            return PythonString.Replace(JinjaText.Str(bound[0]!), JinjaText.Str(bound[1]!), JinjaText.Str(bound[2]!), limit);
        };
        table["indent"] = (_, arguments) => Indent(arguments);
        table["center"] = (state, arguments) =>
        {
            var bound = arguments.Bind("center", 1, "value", "width");
            var method = (JinjaCallable)JinjaMethods.Find(JinjaText.Str(bound[0]!), "center")!;
            return method.Invoke(state, JinjaArguments.Of(bound[1] ?? (BigInteger)80));
        };
    }

    private static string Single(JinjaArguments arguments, string name) => JinjaText.Str(arguments.Bind(name, 1, "value")[0]!);

    private static string RequireText(object value, string name) => value as string ?? throw new JinjaValueException($"{name} needs a str, not {JinjaText.TypeName(value)}");

    /// <summary>Words begin after white space, a hyphen or an opening bracket; unlike str.title, which cuts at apostrophes too.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var start = 0; start < text.Length;)
        {
            var isBreak = IsBreak(text[start]);
            var end = start + 1;
            while (end < text.Length && IsBreak(text[end]) == isBreak) end++;
            var first = start + PythonString.UnitIndex(text[start..end], 1);
            result.Append(PythonCase.Upper(text[start..first])).Append(PythonCase.Lower(text[first..end]));
            start = end;
        }

        return result.ToString();

        static bool IsBreak(char unit) => unit is '-' or '(' or '{' or '[' or '<' || PythonString.IsSpace(unit);
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static int CountWords(string text)
    {
        var (count, isInWord) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune) || rune.Value == '_';
            if (isWord && !isInWord) count++;
            isInWord = isWord;
        }

        return count;
    }

    private static string Format(JinjaArguments arguments)
    {
        var format = JinjaText.Str(arguments.Positional[0]);
        if (arguments.Keywords.Count == 0) return PercentFormat.Apply(format, JinjaSequence.Tuple([.. arguments.Positional.Skip(1)]));
        if (arguments.Positional.Count > 1) throw new JinjaValueException("format takes positional or keyword arguments, not both");
        return PercentFormat.Apply(format, new JinjaMapping(arguments.Keywords.Select(static keyword => KeyValuePair.Create<object, object>(keyword.Key, keyword.Value))));
    }

    private static string Indent(JinjaArguments arguments)
    {
        var bound = arguments.Bind("indent", 1, "s", "width", "first", "blank");
        if (bound[0] is JinjaUndefined undefined) throw undefined.Error();
        var text = RequireText(bound[0]!, "indent") + "\n";
        var indentation = bound[1] switch
        {
            null => "    ",
            string given => given,
            var width => new string(' ', JinjaLimits.CheckTextLength(Math.Max(0, JinjaNumber.ToIndex(width, "indent's width")))),
        };
        var (first, blank) = (IsTrue(bound[2]), IsTrue(bound[3]));
        var lines = PythonString.SplitLines(text, keepEnds: false);
        JinjaLimits.CheckTextLength(text.Length + (long)lines.Count * (indentation.Length + 1));
        var result = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = (string)lines[i];
            if (i > 0) result.Append('\n');
            if (i == 0 ? first : blank || line.Length > 0) result.Append(indentation);
            result.Append(line);
        }

        return result.ToString();

        static bool IsTrue(object? value) => value is not null && JinjaOperators.IsTrue(value);
    }
}
