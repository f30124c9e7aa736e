using System.Numerics;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>Evaluates what is made of fractions, π, e, variables and real roots in <see cref="FixedPoint"/>.</summary>
/// <param name="budget">Bounds the time.</param>
/// <param name="point">The variables' values.</param>
internal sealed class PreciseEvaluator(WorkBudget budget, SamplePoint point)
{
    private const int MaxBits = 1 << 12;
    private const int MaxPower = 256;
    private const int MaxRoot = 8;

    private readonly ExactEvaluator exact = new(budget, null, degreesAreNumbers: true);

    /// <summary>The value.</summary>
    /// <returns>Null where there is none, it is not real, too large, or made of other functions.</returns>
    public FixedPoint? Evaluate(MathNode node)
    {
        budget.Spend(1);
        var value = node switch
        {
            NumberNode number => FromRational(number.Value),
            SymbolNode symbol => EvaluateSymbol(symbol),
            SignNode { Sign: TermSign.Minus } sign => Evaluate(sign.Operand) is { } operand ? -operand : null,
            SumNode sum => Fold(sum.Children, default, static (left, right) => left + right),
            ProductNode product => Fold(product.Children, FixedPoint.One, static (left, right) => left * right),
            PowerNode power => exact.Evaluate(power.Exponent) is { } exponent && Evaluate(power.Operand) is { } operand ? Power(operand, exponent) : null,
            FunctionNode { Kind: FunctionKind.Abs } function => Evaluate(function.Children[0])?.Abs(),
            FunctionNode { Kind: FunctionKind.Root } function => exact.Evaluate(function.Children[1]) is { IsZero: false } degree && Evaluate(function.Children[0]) is { } operand ? Power(operand, Rational.One / degree) : null,
            FunctionNode { Kind: not FunctionKind.Degrees } function => exact.Evaluate(function) is { } constant ? FromRational(constant) : null,
            _ => null,
        };
        return value is { BitLength: <= MaxBits } result ? result : null;
    }

    private static FixedPoint? FromRational(Rational value) => value.BitLength <= MaxBits ? FixedPoint.From(value) : null;

    private FixedPoint? EvaluateSymbol(SymbolNode symbol) => symbol.Name switch
    {
        SymbolNames.Pi => FixedPoint.Pi,
        SymbolNames.Euler => FixedPoint.Euler,
        SymbolNames.ImaginaryUnit or SymbolNames.Infinity => null,
        _ => symbol.IsWord ? null : FixedPoint.From(point.Real(symbol.Name)),
    };

    private FixedPoint? Fold(IReadOnlyList<MathNode> nodes, FixedPoint start, Func<FixedPoint, FixedPoint, FixedPoint> combine)
    {
        var result = start;
        foreach (var node in nodes)
        {
            if (Evaluate(node) is not { } value) return null;
            budget.SpendBits(result.BitLength + value.BitLength);
            result = combine(result, value);
            if (result.BitLength > MaxBits) return null;
        }

        return result;
    }

    private FixedPoint? Power(FixedPoint operand, Rational exponent)
    {
        if (exponent.Denominator > MaxRoot || BigInteger.Abs(exponent.Numerator) > MaxPower) return null;
        if (!exponent.IsInteger)
        {
            budget.SpendBits(operand.BitLength * (long)exponent.Denominator * 4);
            if (operand.Root((int)exponent.Denominator) is not { } root) return null;
            operand = root;
        }

        var result = FixedPoint.One;
        for (var remaining = Math.Abs((int)exponent.Numerator); remaining > 0; remaining >>= 1)
        {
            if (operand.BitLength > MaxBits || result.BitLength > MaxBits) return null;
            budget.SpendBits(operand.BitLength + result.BitLength);
            if ((remaining & 1) == 1) result *= operand;
            operand *= operand;
        }

        return exponent.Sign < 0 ? result.Reciprocal() : result;
    }
}
