using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>Other ways to write an answer. Each leaves alone what it does not apply to.</summary>
internal static partial class AnswerNotations
{
    /// <summary>The rewritings by name.</summary>
    public static readonly (string Name, Func<string, string> Rewrite)[] All =
    [
        ("itself", answer => answer),
        ("trimmed spaces", answer => answer.Contains("\\text", StringComparison.Ordinal) || answer.Contains("\\mbox", StringComparison.Ordinal) || Prose().IsMatch(answer) ? answer : SpaceAroundSigns().Replace(answer, "$1$2")),
        ("more spaces", answer => SpaceAroundSigns().Replace(answer, " $1$2 ")),
        ("dfrac", answer => answer.Replace("\\frac", "\\dfrac", StringComparison.Ordinal)),
        ("tfrac", answer => answer.Replace("\\frac", "\\tfrac", StringComparison.Ordinal).Replace("\\dfrac", "\\tfrac", StringComparison.Ordinal)),
        ("slash", SlashFractions),
        ("dollars", answer => $"${WithoutDollars(answer)}$"),
        ("parentheses of LaTeX", answer => $@"\({WithoutDollars(answer)}\)"),
        ("full stop", answer => answer + "."),
        ("box", answer => $@"\boxed{{{WithoutDollars(answer)}}}"),
        ("without left and right", answer => answer.Replace("\\left", "", StringComparison.Ordinal).Replace("\\right", "", StringComparison.Ordinal)),
        ("left and right", answer => answer.Contains("\\left", StringComparison.Ordinal) ? answer : Parenthesis().Replace(answer, match => (match.Value == "(" ? "\\left" : "\\right") + match.Value)),
        ("thousands", answer => Integer().IsMatch(answer) ? Group(answer, ",") : answer),
        ("thousands of LaTeX", answer => Integer().IsMatch(answer) ? Group(answer, ",\\!") : answer),
        ("decimal point", answer => Integer().IsMatch(answer) ? answer + ".0" : answer),
        ("leading zero", answer => answer.StartsWith('.') ? "0" + answer : answer),
        ("decimal of a fraction", DecimalFraction),
        ("fraction of a decimal", FractionDecimal),
        ("scientific", answer => Exponent().Replace(answer, @"$1 \times 10^{$2}")),
        ("degree sign", answer => answer.Replace("^\\circ", "°", StringComparison.Ordinal).Replace("^{\\circ}", "°", StringComparison.Ordinal)),
        ("degrees", answer => answer.EndsWith("^\\circ", StringComparison.Ordinal) ? answer[..^6] + " degrees" : answer),
        ("without degrees", answer => answer.Replace("^\\circ", "", StringComparison.Ordinal).Replace("^{\\circ}", "", StringComparison.Ordinal)),
        ("without units", answer => Unit().Replace(answer, "")),
        ("units", answer => Integer().IsMatch(answer) ? answer + @" \text{ units}" : answer),
        ("named", answer => Number().IsMatch(answer) ? "x = " + answer : answer),
        ("brackets of matrices", answer => answer.Replace("{pmatrix}", "{bmatrix}", StringComparison.Ordinal)),
        ("times", answer => answer.Replace("\\cdot", "\\times", StringComparison.Ordinal)),
        ("Unicode", answer => answer.Replace("\\pi", "π", StringComparison.Ordinal).Replace("\\infty", "∞", StringComparison.Ordinal).Replace("\\cup", "∪", StringComparison.Ordinal).Replace("-", "−", StringComparison.Ordinal)),
        ("without text", answer => Text().Replace(answer, "$1")),
        ("braces of exponents", answer => ShortExponent().Replace(answer, "^{$1}")),
        ("order of a list", ReverseList),
        ("over", answer => MixedNumber().IsMatch(answer) ? answer : FlatFraction().Replace(answer, @"{$1 \over $2}")),
        ("plain roots", answer => FlatRoot().Replace(answer, " sqrt($1)")),
        ("roots of Unicode", answer => FlatRoot().Replace(answer, "√($1)")),
        ("words of symbols", answer => answer.Replace("\\pi", " pi ", StringComparison.Ordinal).Replace("\\infty", "infinity", StringComparison.Ordinal)),
        ("plain products", answer => ProductSign().Replace(answer, "*")),
        ("products of Unicode", answer => ProductSign().Replace(answer, "×")),
        ("plain inequalities", answer => AtLeast().Replace(AtMost().Replace(answer, "<="), ">=")),
        ("slanted inequalities", answer => AtLeast().Replace(AtMost().Replace(answer, @"\leqslant"), @"\geqslant")),
        ("exponents of Unicode", answer => RaisedInteger().Replace(answer, match => Raise(match.Groups[1].Value + match.Groups[2].Value))),
        ("scientific in Unicode", answer => Exponent().Replace(answer, match => $"×10{Raise(match.Groups[2].Value)}")),
        ("scientific with a letter", answer => Exponent().Replace(answer, " x 10^{$2}")),
        ("union with a letter", answer => answer.Replace("\\cup", " U ", StringComparison.Ordinal)),
        ("bold", answer => $"**{answer}**"),
        ("displayed", answer => @"\displaystyle " + answer),
    ];

    private static string Raise(string exponent) => string.Concat(exponent.Select(sign => sign == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign - '0']));

    private static string WithoutDollars(string answer) => Dollar().Replace(answer, "");

    private static string SlashFractions(string answer) => SimpleFraction().Replace(answer, match =>
    {
        var isAlone = match.Length == WithoutDollars(answer).Length;
        var quotient = $"{match.Groups[1].Value}/{match.Groups[2].Value}";
        return isAlone ? quotient : $"({quotient})";
    });

    private static string Group(string answer, string separator) =>
        BigInteger.Parse(answer, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture).Replace(",", separator, StringComparison.Ordinal);

    private static string DecimalFraction(string answer)
    {
        var match = WholeFraction().Match(answer);
        if (!match.Success) return answer;
        var (numerator, denominator) = (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        var rest = denominator;
        while (rest % 2 == 0) rest /= 2;
        while (rest % 5 == 0) rest /= 5;
        return rest == 1 ? ((decimal)numerator / denominator).ToString(CultureInfo.InvariantCulture) : answer;
    }

    private static string FractionDecimal(string answer)
    {
        var match = Decimal().Match(answer);
        return match.Success ? $@"\frac{{{match.Groups[1].Value}{match.Groups[2].Value}}}{{1{new string('0', match.Groups[2].Length)}}}" : answer;
    }

    // The items of a list of numbers the other way round.
    private static string ReverseList(string answer) =>
        NumberList().IsMatch(answer) && !GroupedNumber().IsMatch(answer) ? string.Join(", ", answer.Split(',').Reverse().Select(item => item.Trim())) : answer;

    [GeneratedRegex(@"\d\s*\\[dt]?frac")]
    private static partial Regex MixedNumber();

    [GeneratedRegex(@"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")]
    private static partial Regex FlatFraction();

    [GeneratedRegex(@"\\sqrt\{([^{}]*)\}")]
    private static partial Regex FlatRoot();

    [GeneratedRegex(@"\\(cdot|times)(?![a-zA-Z])")]
    private static partial Regex ProductSign();

    [GeneratedRegex(@"\\leq?(?![a-zA-Z])")]
    private static partial Regex AtMost();

    [GeneratedRegex(@"\\geq?(?![a-zA-Z])")]
    private static partial Regex AtLeast();

    [GeneratedRegex(@"(?<=[\da-zA-Z)])\^(?:(\d)|\{(-?\d+)\})(?![\d.])")]
    private static partial Regex RaisedInteger();

    [GeneratedRegex(@"(?<!\\)\$")]
    private static partial Regex Dollar();

    [GeneratedRegex(@"(?<![\deE])\s*([+=,-])\s*(?!\\?!)|(?<=\d)\s*([+=-])\s*(?!\\?!)")]
    private static partial Regex SpaceAroundSigns();

    [GeneratedRegex(@"[a-z]{4,} [a-z]")]
    private static partial Regex Prose();

    [GeneratedRegex(@"(?<!\d\s*)\\[dt]?frac\{(\d+)\}\{(\d+)\}")]
    private static partial Regex SimpleFraction();

    [GeneratedRegex(@"^\\frac\{(\d{1,6})\}\{(\d{1,6})\}$")]
    private static partial Regex WholeFraction();

    [GeneratedRegex(@"(?<!\\left|\\right|\\)[()]")]
    private static partial Regex Parenthesis();

    [GeneratedRegex(@"^\d+$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(\d*)\.(\d+)$")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"(?<=\d)()[eE](-?\d+)$")]
    private static partial Regex Exponent();

    [GeneratedRegex(@"\\(text|mbox)\{ ?(cents|degrees|inches|cm)\}(\^2)?")]
    private static partial Regex Unit();

    [GeneratedRegex(@"\\text\{([^{}]*)\}")]
    private static partial Regex Text();

    [GeneratedRegex(@"\^(\d)")]
    private static partial Regex ShortExponent();

    [GeneratedRegex(@"^-?\d+(, ?-?\d+)+$")]
    private static partial Regex NumberList();

    [GeneratedRegex(@"^\d{1,3}(,\d{3})+$")]
    private static partial Regex GroupedNumber();
}
