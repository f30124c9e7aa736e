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
        var isBracketed = Current.IsMark("(") && Peek(1).IsCommand("mod");
        if (isBracketed) position++;
        if (Current.Kind == MathTokenKind.Command && Current.Text is "pmod" or "bmod" or "mod") return ParseModulus(terms, isBracketed);
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
        // ℝ − {1} is a set without an element.
        if (Current.IsMark("-") && Peek(1).IsMark("\\{")) return false;
        if (TakeUnitSeparator(unit)) return true;
        if (Current.Kind == MathTokenKind.Mark) return Current.Text is "+" or "-" or "±" or "∓";

        // 5 feet 6 inches
        return unit is not null && Current.Kind == MathTokenKind.Number;
    }

    // 1 hour, 30 minutes and 4 dollars and 50 cents: the next unit is a smaller one of the same kind.
    private bool TakeUnitSeparator(MeasureUnit? unit)
    {
        if (unit is null || !Current.IsMark(",") || Peek(1).Kind != MathTokenKind.Number || Peek(2).Kind != MathTokenKind.Word) return false;
        if (UnitTable.Find(Peek(2).Text) is not { IsDimensionless: false } next || next.Dimensions != unit.Dimensions || next.Factor >= unit.Factor) return false;
        position++;
        return true;
    }

    private TermSign? TakeSign()
    {
        var isNegative = false;
        TermSign? both = null;
        while (Current.Kind is MathTokenKind.Mark or MathTokenKind.Word)
        {
            if (TakeMark("+")) continue;
            if (TakeMark("-") || TakeNegativeWord()) isNegative = !isNegative;
            else if (TakeMark("±")) both = TermSign.PlusMinus;
            else if (TakeMark("∓")) both = TermSign.MinusPlus;
            else break;
        }

        return both ?? (isNegative ? TermSign.Minus : null);
    }

    // Negative five
    private bool TakeNegativeWord()
    {
        if (Current.Kind != MathTokenKind.Word || Current.Text.ToLowerInvariant() is not ("negative" or "minus")) return false;
        if (Peek(1).Kind != MathTokenKind.Number && (Peek(1).Kind != MathTokenKind.Word || NumberWords.Cardinal(Peek(1).Text) is null)) return false;
        position++;
        return true;
    }

    private static MathNode Sum(List<MathNode> terms) => terms.Count == 1 ? terms[0] : new SumNode(terms);

    // 100 \bmod 7 is a number, 3 \pmod 7 a class of residues.
    private FunctionNode ParseModulus(List<MathNode> terms, bool isBracketed)
    {
        var isNumber = Next().Text == "bmod";
        var modulus = ParseArgument();
        if (isBracketed) Expect(")");
        depth--;
        return isNumber ? new FunctionNode(FunctionKind.Remainder, "", [Sum(terms), modulus]) : new FunctionNode(FunctionKind.Unknown, FunctionNode.ResidueClass, [Sum(terms), modulus]);
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
            else if (StartsFactor(Current) && !StartsModulus() && !StartsMicro() && !StartsBracketedCondition())
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
        if (TakeMark("¥")) return UnitTable.Find("yen");
        if (TakeMark("₹")) return UnitTable.Find("rupees");
        if (TakeMark("€")) return UnitTable.Find("euros");
        return Current.Kind == MathTokenKind.Word && Current.Text is "USD" or "EUR" or "GBP" or "JPY" or "INR" && Peek(1).Kind == MathTokenKind.Number ? UnitTable.Find(Next().Text) : null;
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
        MathTokenKind.Mark => token.Text is "(" or "{" or "⌊" or "⌈" || (token.Text == "[" && !opensOutwards) || (token.Text == "|" && openBars == 0),
        _ => false,
    } && !IsUnionLetter();

    private bool StartsModulus() => Current.IsMark("(") && Peek(1).IsCommand("mod");

    // μ before a unit's word
    private bool StartsMicro() => Current.Kind == MathTokenKind.Symbol && Current.Text == "mu" && Peek(1).Kind == MathTokenKind.Word && UnitTable.Find("u" + Peek(1).Text) is not null;

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
        var factor = ParseFactor();
        if (factors is [SymbolNode { IsConstant: false } name] && Labelled(name, factor) is { } labelled) factors[0] = labelled;
        else factors.Add(factor);
    }

    // A(3, 4) is a point, C(6, 2) a number of choices, P(X = 2) no product.
    private static MathNode? Labelled(SymbolNode name, MathNode argument) => argument switch
    {
        GroupNode { Open: '(', Close: ')', Children: [var upper, var lower] } when name.Name == "C" => new FunctionNode(FunctionKind.Binomial, "", [upper, lower]),
        GroupNode { IsSet: false, Children.Count: > 1 } when name.Name is [>= 'A' and <= 'Z'] => new RelationNode([name, argument], "="),
        RelationNode or SetOperationNode => new FunctionNode(FunctionKind.Unknown, name.Name, [argument]),
        _ => null,
    };

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
