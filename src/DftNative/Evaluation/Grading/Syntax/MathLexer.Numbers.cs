using System.Globalization;
using System.Text;

namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathLexer
{
    private static readonly string[] Ellipses = ["...", "\\ldots", "\\dots", "\\cdots", "…"];

    private static readonly string[] OrdinalForms = ["{0}", "^{{{0}}}", "^{{\\text{{{0}}}}}", "^{{\\textrm{{{0}}}}}", "^{{\\mathrm{{{0}}}}}", "^\\text{{{0}}}", "^\\mathrm{{{0}}}", "\\text{{{0}}}"];

    // The digits of 2A_{16} and FF_{16}: capitals among them, and a base above ten behind them.
    private int BaseDigitsLength()
    {
        if (!IsBaseDigit(CharAt(position)) || (tokens.Count > 0 && !hasSpace && tokens[^1].Kind is MathTokenKind.Symbol or MathTokenKind.Number)) return 0;
        var end = position + 1;
        while (IsBaseDigit(CharAt(end))) end++;
        var hasLetter = text.AsSpan(position, end - position).IndexOfAnyInRange('A', 'F') >= 0;
        if (end - position < 2 || !hasLetter || CharAt(end) != '_') return 0;
        var brace = CharAt(end + 1) == '{' ? 1 : 0;
        var isBase = CharAt(end + 1 + brace) == '1' && CharAt(end + 2 + brace) is >= '1' and <= '6';
        return isBase && (brace == 0 ? !IsDigitAt(end + 3) : CharAt(end + 4) == '}') ? end - position : 0;
    }

    private static bool IsBaseDigit(char letter) => letter is (>= '0' and <= '9') or (>= 'A' and <= 'F');

    private void ReadBaseDigits(int length)
    {
        Add(MathTokenKind.Number, text.Substring(position, length));
        position += length;
    }

    // 0.1666... is 0.1 and 6 for ever: at least three digits, and every period at least twice. 3.14159... is what is written.
    private bool ReadRepeating(StringBuilder digits)
    {
        const int LeastDigits = 3;
        var number = digits.ToString();
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (point < 0 || number.Length > MaxNumberLength || number.Contains('e', StringComparison.Ordinal) || Array.Find(Ellipses, sign => StartsWith(position, sign)) is not { } ellipsis) return false;
        for (var period = 1; 2 * period <= number.Length - point - 1; period++)
        {
            var start = number.Length - period;
            while (start - 1 > point && number[start - 1] == number[start - 1 + period]) start--;
            if (number.Length - start < Math.Max(LeastDigits, 2 * period)) continue;
            position += ellipsis.Length;
            Add(MathTokenKind.Number, "0" + number[..start]);
            Add(MathTokenKind.Command, "accent:overline");
            AddMark("{");
            Add(MathTokenKind.Number, number[start..(start + period)]);
            AddMark("}");
            return true;
        }

        if (number[^1] != '.') position += ellipsis.Length;
        return false;
    }

    // The letters of 1st, 2nd, 3rd and 4th, in whatever type they are set.
    private int OrdinalLength(StringBuilder digits)
    {
        var last = digits[^1];
        if (digits.Length > 3 || !char.IsAsciiDigit(last) || digits.ToString().Contains('.', StringComparison.Ordinal)) return 0;
        var isTeen = digits.Length > 1 && digits[^2] == '1';
        var ending = isTeen ? "th" : last switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
        if (CharAt(position) is not ('^' or '\\') && CharAt(position) != ending[0]) return 0;
        foreach (var form in OrdinalForms)
        {
            var text = string.Format(CultureInfo.InvariantCulture, form, ending);
            if (StartsWith(position, text) && !IsLetter(CharAt(position + text.Length))) return text.Length;
        }

        return 0;
    }
}
