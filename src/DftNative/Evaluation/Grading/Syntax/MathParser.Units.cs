using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathParser
{
    // Words behind a number that are no unit of measure say what is counted; more of them are prose.
    private const int MaxNouns = 6;

    // The words behind a term. Nouns that are no unit of measure are not compared: the problem says what is counted.
    private MathNode ParseUnit(MathNode term, ref MeasureUnit? unit)
    {
        if (TakeMark("%")) unit = MeasureUnit.Percent;
        else if (Current.Kind == MathTokenKind.Mark) unit = TakeCurrency() ?? unit;
        var measure = MeasureUnit.None;
        var nouns = 0;
        var isDivisor = false;
        var follows = false;
        var power = 1;
        while (true)
        {
            if (TakeMark(".")) continue;
            if (StartsMicro())
            {
                position++;
                measure = measure.Times(UnitTable.Find("u" + Next().Text)!, TakeUnitPower(power) * (isDivisor ? -1 : 1));
                isDivisor = false;
                continue;
            }

            if ((Current.IsMark("/") || Current.IsMark("*")) && IsUnitWord(Peek(1)))
            {
                isDivisor = Next().Text == "/";
                follows = true;
                continue;
            }

            if (IsRatioWord() || StartsCondition() || !IsUnitWord(Current) || (Current.Kind == MathTokenKind.Symbol && !follows)) break;
            follows = false;
            var word = Next().Text;
            if (word.ToLowerInvariant() is "not" or "no" or "isn't" or "plus" or "minus" or "times" or "where" or "if" or "when") throw Unexpected();
            if (UnitTable.Multiplier(word) is { } multiplier && measure.IsNone && nouns == 0) term = new ProductNode([term, Number(multiplier)]);
            else if (word == "per") isDivisor = true;
            else if (UnitTable.IsPower(word) is { } wordPower) power = wordPower;
            else if (UnitTable.Find(word) is { } found) (measure, isDivisor, power) = (measure.Times(found, TakeUnitPower(power) * (isDivisor ? -1 : 1)), false, 1);
            else
            {
                SkipNoun(term, ref nouns);
                (isDivisor, power) = (false, 1);
            }
        }

        if (measure == MeasureUnit.Degree && unit is null) return new FunctionNode(FunctionKind.Degrees, "", [term]);
        if (!measure.IsNone) unit = unit is null ? measure : unit.Times(measure, 1);
        return term;
    }

    // Letters before words are words themselves.
    private void SkipNoun(MathNode counted, ref int nouns)
    {
        if (++nouns > MaxNouns || HasVariables(counted)) throw Unexpected();
        TakeUnitPower(1);
    }

    private static bool HasVariables(MathNode node) => node is SymbolNode { IsConstant: false } || node.Children.Any(HasVariables);

    private static bool IsUnitWord(MathToken token) =>
        token.Kind == MathTokenKind.Word || (token.Kind == MathTokenKind.Symbol && UnitTable.IsUnit(token.Text));

    private int TakeUnitPower(int power)
    {
        if (Current.Kind == MathTokenKind.Word && Current.Text is "squared" or "cubed") return UnitTable.IsPower(Next().Text)!.Value;
        if (!TakeMark("^")) return power;
        var exponent = IntegerOf(ParseArgument());
        return exponent is >= -9 and <= 9 ? exponent.Value : throw Unexpected();
    }
}
