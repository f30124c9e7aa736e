using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathParser
{
    private MathNode ParseSum()
    {
        Enter();
        SkipQualifiers();
        var terms = new List<MathNode>();
        var units = new List<MeasureUnit?>();
        do
        {
            var sign = TakeSign();
            var term = ParseTerm(out var unit);
            terms.Add(sign is { } negative ? new SignNode(negative, term) : term);
            units.Add(unit);
        }
        while (StartsNextTerm(units[^1]));
        if (Current.Kind == MathTokenKind.Command && Current.Text is "pmod" or "bmod" or "mod") return ParseModulus(terms);
        depth--;
        return units.TrueForAll(unit => unit is null) ? Sum(terms) : AddQuantities(terms, units);
    }

    private void SkipQualifiers()
    {
        while (Current.IsMark("≈") || (Current.Kind == MathTokenKind.Word && Current.Text.ToLowerInvariant() is "approximately" or "about" or "approx" or "roughly" or "exactly" or "around"))
            position++;
    }

    private bool StartsNextTerm(MeasureUnit? unit)
    {
        if (Current.Kind == MathTokenKind.Mark) return Current.Text is "+" or "-" or "±" or "∓";

        // 5 feet 6 inches
        return unit is not null && Current.Kind == MathTokenKind.Number;
    }

    private TermSign? TakeSign()
    {
        var isNegative = false;
        TermSign? both = null;
        while (Current.Kind == MathTokenKind.Mark)
        {
            if (TakeMark("+")) continue;
            if (TakeMark("-")) isNegative = !isNegative;
            else if (TakeMark("±")) both = TermSign.PlusMinus;
            else if (TakeMark("∓")) both = TermSign.MinusPlus;
            else break;
        }

        return both ?? (isNegative ? TermSign.Minus : null);
    }

    private static MathNode Sum(List<MathNode> terms) => terms.Count == 1 ? terms[0] : new SumNode(terms);

    private FunctionNode ParseModulus(List<MathNode> terms)
    {
        position++;
        var modulus = ParseArgument();
        depth--;
        return new FunctionNode(FunctionKind.Unknown, "mod", [Sum(terms), modulus]);
    }

    // A sum in the unit of its last term: terms without a unit are in it too.
    private static QuantityNode AddQuantities(List<MathNode> terms, List<MeasureUnit?> units)
    {
        var unit = units.FindLast(candidate => candidate is not null)!;
        for (var i = 0; i < terms.Count; i++)
        {
            var own = units[i] ?? unit;
            if (own.Dimensions != unit.Dimensions) throw Unexpected();
            if (own.Factor != unit.Factor) terms[i] = new ProductNode([Number(own.Factor / unit.Factor), terms[i]]);
        }

        return new QuantityNode(Sum(terms), unit);
    }

    private static NumberNode Number(Rational value) => new(value, "");

    // A product, and the unit behind it.
    private MathNode ParseTerm(out MeasureUnit? unit)
    {
        unit = TakeCurrency();
        var factors = new List<MathNode> { ParseFactor() };
        while (true)
        {
            if (TakeMark("*"))
            {
                AddFactor(factors, ParseSignedFactor());
            }
            else if (Current.IsMark("/") && Peek(1).Kind != MathTokenKind.Word)
            {
                position++;
                factors.Add(new PowerNode(ParseSignedFactor(), Number(-Rational.One)));
            }
            else if (StartsFactor(Current))
            {
                AddJuxtaposed(factors);
            }
            else
            {
                break;
            }
        }

        var term = factors.Count == 1 ? factors[0] : new ProductNode(factors);
        return ParseUnit(term, ref unit);
    }

    private MathNode ParseSignedFactor()
    {
        TakeCurrency();
        return TakeSign() is { } sign ? new SignNode(sign, ParseFactor()) : ParseFactor();
    }

    private MeasureUnit? TakeCurrency()
    {
        if (TakeMark("¤")) return UnitTable.Find("dollars");
        if (TakeMark("£")) return UnitTable.Find("GBP");
        return TakeMark("€") ? UnitTable.Find("euros") : null;
    }

    // 4.5 × 10^{33} is one number with the digits of the first.
    private static void AddFactor(List<MathNode> factors, MathNode factor)
    {
        if (factors is [NumberNode mantissa] && factor is PowerNode { Operand: NumberNode { Text: "10" } } power && IntegerOf(power.Exponent) is { } exponent)
            factors[0] = NumberText.Scale(mantissa, exponent);
        else
            factors.Add(factor);
    }

    private static int? IntegerOf(MathNode node) => node switch
    {
        NumberNode { Value.IsInteger: true } number when number.Value.Abs() <= new Rational(NumberText.MaxExponent) => (int)number.Value.Numerator,
        SignNode { Sign: TermSign.Minus, Operand: NumberNode { Value.IsInteger: true } number } when number.Value.Abs() <= new Rational(NumberText.MaxExponent) => -(int)number.Value.Numerator,
        _ => null,
    };

    private bool StartsFactor(MathToken token) => token.Kind switch
    {
        MathTokenKind.Number or MathTokenKind.Symbol or MathTokenKind.Function => true,
        MathTokenKind.Command => token.Text is "frac" or "sqrt" or "cbrt" or "binom" || token.Text.StartsWith("accent:", StringComparison.Ordinal) || token.Text.StartsWith("begin:", StringComparison.Ordinal),
        MathTokenKind.Mark => token.Text is "(" or "[" or "{" or "⌊" or "⌈" || (token.Text == "|" && openBars == 0),
        _ => false,
    } && !IsUnionLetter();

    private void AddJuxtaposed(List<MathNode> factors)
    {
        var isNumber = Current.Kind == MathTokenKind.Number;
        var isFraction = Current.IsCommand("frac");
        if ((isNumber || isFraction) && factors is [NumberNode { LastPlace: null } whole] && position > 0 && tokens[position - 1].Kind == MathTokenKind.Number)
        {
            var fraction = isFraction ? ParseFactor() : ParsePlainFraction();
            if (ProperFraction(fraction) is { } part) factors[0] = Number(whole.Value + part);
            else if (isFraction) factors.Add(fraction);
            else throw Unexpected();
            return;
        }

        // 2 3 is no product.
        if (isNumber && position > 0 && tokens[position - 1].Kind == MathTokenKind.Number) throw Unexpected();
        factors.Add(ParseFactor());
    }

    // The 1/2 of 1 1/2.
    private ProductNode ParsePlainFraction()
    {
        var numerator = ParseNumber();
        if (!Current.IsMark("/") || Peek(1).Kind != MathTokenKind.Number) throw Unexpected();
        position++;
        return new ProductNode([numerator, new PowerNode(ParseNumber(), Number(-Rational.One))]);
    }

    private static Rational? ProperFraction(MathNode node) =>
        node is ProductNode { Children: [NumberNode { LastPlace: null } numerator, PowerNode { Operand: NumberNode { LastPlace: null } denominator }] }
        && numerator.Value < denominator.Value
            ? numerator.Value / denominator.Value
            : null;
}
