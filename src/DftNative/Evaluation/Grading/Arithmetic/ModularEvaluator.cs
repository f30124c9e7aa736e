using System.Numerics;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>
/// Evaluates a rational expression exactly in the field of the integers modulo a large prime: two that differ agree at a
/// random point only with the probability of their degree over the prime (Schwartz 1980, Zippel 1979), however long
/// their coefficients are.
/// </summary>
/// <param name="budget">Bounds the time.</param>
/// <param name="prime">One of <see cref="Primes"/>.</param>
/// <param name="point">The variables' values.</param>
internal sealed class ModularEvaluator(WorkBudget budget, ulong prime, SamplePoint point)
{
    private readonly ExactEvaluator exact = new(budget, null, degreesAreNumbers: true);

    /// <summary>Primes p with (p − 1)/2 prime as well: no small power of anything is 1.</summary>
    public static ReadOnlySpan<ulong> Primes => [2305842996868012703, 2304842996868007187];

    /// <summary>The value's residue.</summary>
    /// <returns>Null where the expression is not rational, or divides by 0.</returns>
    public ulong? Evaluate(MathNode node)
    {
        budget.Spend(1);
        switch (node)
        {
            case NumberNode number:
                return Reduce(number.Value);
            case SymbolNode { IsConstant: false, IsWord: false } symbol:
                return point.Residue(symbol.Name);
            case SignNode { Sign: TermSign.Minus } sign:
                return Evaluate(sign.Operand) is { } value ? Negate(value) : null;
            case SumNode sum:
                return EvaluateSum(sum);
            case ProductNode product:
                return EvaluateProduct(product);
            case PowerNode power:
                return exact.Evaluate(power.Exponent) is { IsInteger: true } exponent && Evaluate(power.Operand) is { } operand ? Power(operand, exponent.Numerator) : null;
            case FunctionNode function:
                return exact.Evaluate(function) is { } constant ? Reduce(constant) : null;
            default:
                return null;
        }
    }

    /// <summary>The product of two residues.</summary>
    public ulong Multiply(ulong left, ulong right) => (ulong)((UInt128)left * right % prime);

    /// <summary>The difference of two residues.</summary>
    public ulong Subtract(ulong left, ulong right) => left >= right ? left - right : left + (prime - right);

    private ulong Negate(ulong value) => value == 0 ? 0 : prime - value;

    private ulong? EvaluateSum(SumNode sum)
    {
        var total = 0UL;
        foreach (var child in sum.Children)
        {
            if (Evaluate(child) is not { } term) return null;
            total = Subtract(total, Negate(term));
        }

        return total;
    }

    private ulong? EvaluateProduct(ProductNode product)
    {
        var total = 1UL;
        foreach (var child in product.Children)
        {
            if (Evaluate(child) is not { } factor) return null;
            total = Multiply(total, factor);
        }

        return total;
    }

    private ulong? Reduce(Rational value)
    {
        budget.Spend(1 + value.BitLength / 64);
        var numerator = Reduce(value.Numerator);
        if (value.IsInteger) return numerator;
        return Power(Reduce(value.Denominator), BigInteger.MinusOne) is { } inverse ? Multiply(numerator, inverse) : null;
    }

    private ulong Reduce(BigInteger value)
    {
        var remainder = BigInteger.Remainder(value, prime);
        return (ulong)(remainder.Sign < 0 ? remainder + prime : remainder);
    }

    private ulong? Power(ulong operand, BigInteger exponent)
    {
        if (operand == 0) return exponent.Sign > 0 ? 0UL : exponent.IsZero ? 1UL : null;
        var remaining = (ulong)(BigInteger.Remainder(exponent, prime - 1) is { Sign: < 0 } negative ? negative + (prime - 1) : BigInteger.Remainder(exponent, prime - 1));
        var result = 1UL;
        for (; remaining != 0; remaining >>= 1)
        {
            if ((remaining & 1) == 1) result = Multiply(result, operand);
            operand = Multiply(operand, operand);
        }

        budget.Spend(4);
        return result;
    }
}
