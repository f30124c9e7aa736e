using System.Numerics;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>Evaluates an expression exactly, at small numbers for its variables, as long as its value is a fraction of bounded length.</summary>
/// <param name="budget">Bounds the time.</param>
/// <param name="point">The variables' values; null: an expression with variables has no value.</param>
/// <param name="degreesAreNumbers">Whether 90° is 90, or else π/2 and no fraction.</param>
internal sealed class ExactEvaluator(WorkBudget budget, SamplePoint? point, bool degreesAreNumbers)
{
    private const long MaxBits = 1 << 15;
    private const int MaxFactorial = 3000;
    private const int MaxRoot = 64;

    /// <summary>The value.</summary>
    /// <returns>Null where there is none, or none that is a fraction of bounded length.</returns>
    public Rational? Evaluate(MathNode node)
    {
        budget.Spend(1);
        return node switch
        {
            NumberNode number => number.Value,
            SymbolNode { IsConstant: false, IsWord: false } symbol => point?.Discrete(symbol.Name),
            SignNode { Sign: TermSign.Minus } sign => Evaluate(sign.Operand) is { } value ? -value : null,
            SumNode sum => Fold(sum.Children, Rational.Zero, static (left, right) => left + right),
            ProductNode product => Fold(product.Children, Rational.One, static (left, right) => left * right),
            PowerNode power => Evaluate(power.Operand) is { } operand && Evaluate(power.Exponent) is { } exponent ? Power(operand, exponent) : null,
            FunctionNode function => EvaluateFunction(function),
            _ => null,
        };
    }

    private Rational? Fold(IReadOnlyList<MathNode> nodes, Rational start, Func<Rational, Rational, Rational> combine)
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

    private Rational? Power(Rational operand, Rational exponent)
    {
        if (!exponent.IsInteger)
        {
            if (exponent.Denominator > MaxRoot) return null;
            return Root(operand, (int)exponent.Denominator) is { } root ? Power(root, new Rational(exponent.Numerator)) : null;
        }

        if (operand.IsZero) return exponent.Sign > 0 ? Rational.Zero : exponent.IsZero ? Rational.One : null;
        if (operand == Rational.One) return operand;
        if (operand == -Rational.One) return exponent.Numerator.IsEven ? Rational.One : operand;
        if (BigInteger.Abs(exponent.Numerator) > MaxBits) return null;
        var bits = operand.BitLength * Math.Abs((long)exponent.Numerator);
        if (bits > MaxBits * 2) return null;
        budget.SpendBits(bits);
        return operand.Pow((int)exponent.Numerator);
    }

    private Rational? EvaluateFunction(FunctionNode function)
    {
        if (function.Kind == FunctionKind.Degrees && !degreesAreNumbers) return null;
        var arguments = new Rational[function.Children.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (Evaluate(function.Children[i]) is not { } argument) return null;
            arguments[i] = argument;
        }

        return arguments switch
        {
            [var only] => function.Kind switch
            {
                FunctionKind.Degrees or FunctionKind.Min or FunctionKind.Max => only,
                FunctionKind.Abs => only.Abs(),
                FunctionKind.Floor => new Rational(only.Floor()),
                FunctionKind.Ceiling => new Rational(-(-only).Floor()),
                FunctionKind.Factorial => Factorial(only, 1),
                FunctionKind.DoubleFactorial => Factorial(only, 2),
                _ => null,
            },
            [var first, var second] when function.Kind == FunctionKind.Root => second.IsInteger && second.Sign > 0 && second.Numerator <= MaxRoot ? Root(first, (int)second.Numerator) : null,
            [var first, var second] when function.Kind == FunctionKind.Binomial => Binomial(first, second),
            [var dividend, var divisor] when function.Kind == FunctionKind.Remainder => divisor.IsZero ? null : dividend - divisor * new Rational((dividend / divisor).Floor()),
            [] => null,
            _ => function.Kind switch
            {
                FunctionKind.Min => arguments.Min(),
                FunctionKind.Max => arguments.Max(),
                FunctionKind.Gcd => Integers(arguments)?.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor) is { } divisor ? new Rational(divisor) : null,
                FunctionKind.Lcm => LeastCommonMultiple(arguments),
                _ => null,
            },
        };
    }

    private static IEnumerable<BigInteger>? Integers(Rational[] values) => values.All(value => value.IsInteger) ? values.Select(value => value.Numerator) : null;

    private Rational? LeastCommonMultiple(Rational[] values)
    {
        var multiple = BigInteger.One;
        foreach (var value in values)
        {
            if (!value.IsInteger || value.Sign <= 0) return null;
            budget.SpendBits(multiple.GetBitLength() + value.BitLength);
            multiple = multiple / BigInteger.GreatestCommonDivisor(multiple, value.Numerator) * value.Numerator;
            if (multiple.GetBitLength() > MaxBits) return null;
        }

        return new Rational(multiple);
    }

    // Every number, or every second one, down to 1.
    private Rational? Factorial(Rational value, int step)
    {
        if (!value.IsInteger || value.Sign < 0 || value.Numerator > MaxFactorial) return null;
        var result = BigInteger.One;
        for (var i = (int)value.Numerator; i > 1; i -= step) result *= i;
        budget.SpendBits(result.GetBitLength() * 2);
        return new Rational(result);
    }

    private Rational? Binomial(Rational upper, Rational lower)
    {
        if (!upper.IsInteger || !lower.IsInteger || upper.Sign < 0 || upper.Numerator.GetBitLength() > 64) return null;
        var (n, k) = (upper.Numerator, lower.Numerator);
        if (k.Sign < 0 || k > n) return Rational.Zero;
        if (k > n - k) k = n - k;
        if (k > MaxFactorial) return null;
        var result = BigInteger.One;
        for (var i = 1; i <= (int)k; i++)
        {
            result = result * (n - k + i) / i;
            budget.SpendBits(result.GetBitLength());
            if (result.GetBitLength() > MaxBits) return null;
        }

        return new Rational(result);
    }

    // The real root, where it is a fraction.
    private Rational? Root(Rational value, int degree)
    {
        if (value.Sign < 0)
        {
            if (degree % 2 == 0) return null;
            return Root(-value, degree) is { } root ? -root : null;
        }

        return IntegerRoot(value.Numerator, degree) is { } numerator && IntegerRoot(value.Denominator, degree) is { } denominator ? new Rational(numerator, denominator) : null;
    }

    private BigInteger? IntegerRoot(BigInteger value, int degree)
    {
        budget.SpendBits(value.GetBitLength() * 8);
        var root = Rational.FloorRoot(value, degree);
        return BigInteger.Pow(root, degree) == value ? root : null;
    }
}
