using System.Globalization;
using System.Text.RegularExpressions;

namespace DftNative.Mutation;

/// <summary>The faults that are tried: those that kernels are known to have.</summary>
internal static partial class MutationOperators
{
    /// <summary>Every fault that can be put into a file.</summary>
    /// <param name="file">The file, from the repository's root.</param>
    /// <param name="text">Its text.</param>
    public static IEnumerable<MutationSite> Sites(string file, string text)
    {
        var lines = SourceText.MutableLines(text);
        for (var i = 0; i < lines.Length; i++)
        {
            foreach (var (column, length, replacement, kind) in InLine(lines[i]))
                yield return new MutationSite(file, i + 1, column, length, replacement, kind);
        }
    }

    private static IEnumerable<(int Column, int Length, string Replacement, string Kind)> InLine(string line)
    {
        foreach (Match match in Synchronisation().Matches(line)) yield return (match.Index, match.Length, $"/* {match.Value} */", "drop a barrier or a wait");
        foreach (Match match in Comparison().Matches(line))
        {
            var operation = match.Groups[1];
            yield return (operation.Index, operation.Length, Swapped(operation.Value), "swap a comparison");
        }

        foreach (Match match in Condition().Matches(line))
        {
            if (ClosingParenthesis(line, match.Index + match.Length - 1) is { } end)
                yield return (match.Index, end + 1 - match.Index, "if (true)", "drop a mask");
        }

        foreach (Match match in Selection().Matches(line)) yield return (match.Groups[1].Index, match.Groups[1].Length, " || true ? ", "drop a mask");
        foreach (Match match in Subscript().Matches(line))
        {
            var index = match.Groups[1];
            yield return int.TryParse(index.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (index.Index, index.Length, $"{number ^ 1}", "swap a fragment register")
                : (index.Index, index.Length, $"({index.Value}) + 1", "index + 1");
        }

        foreach (Match match in Number().Matches(line))
        {
            if (Changed(match.Value) is { } replacement) yield return (match.Index, match.Length, replacement, "change a constant");
        }

        foreach (Match match in Sum().Matches(line))
        {
            var operation = match.Groups[1];
            yield return (operation.Index, 1, operation.Value == "+" ? "-" : "+", "index - 1, or another sign");
        }

        foreach (Match match in Product().Matches(line))
        {
            var operation = match.Groups[1];
            yield return (operation.Index, 1, operation.Value == "*" ? "/" : "*", "swap a product");
        }
    }

    private static string Swapped(string comparison) => comparison switch
    {
        "<" => "<=",
        "<=" => "<",
        ">" => ">=",
        ">=" => ">",
        "==" => "!=",
        "&&" => "||",
        "||" => "&&",
        _ => "==",
    };

    private static string? Changed(string number)
    {
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)) return $"{integer + 1}";
        if (number.EndsWith('f') && float.TryParse(number[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            return (real == 0 ? 1 : real * 1.5f).ToString("0.0########", CultureInfo.InvariantCulture) + "f";
        return null;
    }

    private static int? ClosingParenthesis(string line, int open)
    {
        for (int i = open, depth = 0; i < line.Length; i++)
        {
            if (line[i] == '(') depth++;
            if (line[i] == ')' && --depth == 0) return i;
        }

        return null;
    }

    [GeneratedRegex(@"\b(?:__syncthreads|__syncwarp|wait_for_async_copies|commit_async_copies)(?:<[^>]*>)?\([^;]*\);")]
    private static partial Regex Synchronisation();

    [GeneratedRegex(@" (<=|>=|==|!=|<|>|&&|\|\|) ")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\bif \(")]
    private static partial Regex Condition();

    [GeneratedRegex(@"( \? )")]
    private static partial Regex Selection();

    [GeneratedRegex(@"(?<=[\w)])\[([^\[\]]+)\]")]
    private static partial Regex Subscript();

    [GeneratedRegex(@"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?f?(?![\w.])")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<=[\w)\]]) ([+-]) (?=[\w(])")]
    private static partial Regex Sum();

    [GeneratedRegex(@"(?<=[\w)\]]) ([*/]) (?=[\w(])")]
    private static partial Regex Product();
}
