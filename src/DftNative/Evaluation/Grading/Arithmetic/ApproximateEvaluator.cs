using System.Numerics;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>Evaluates an expression in complex double precision with an error bound.</summary>
/// <param name="budget">Bounds the time.</param>
/// <param name="point">The variables' values.</param>
/// <param name="usesIntegers">Whether variables are integers.</param>
/// <param name="allowsComplex">Whether even roots and logarithms of negative numbers have a value.</param>
/// <param name="degreesAreNumbers">Whether 90° outside of functions is 90, or else π/2.</param>
internal sealed class ApproximateEvaluator(WorkBudget budget, SamplePoint point, bool usesIntegers, bool allowsComplex, bool degreesAreNumbers)
{
    private const int MaxRepeatedMultiplication = 64;
    private const long MaxExactInteger = 1L << 53;

    private readonly ExactEvaluator exact = new(budget, null, degreesAreNumbers: true);
    private int functionDepth;

    /// <summary>The value.</summary>
    /// <returns>Null where there is none.</returns>
    public Approximation? Evaluate(MathNode node)
    {
        budget.Spend(1);
        var value = node switch
        {
            NumberNode number => FromRational(number.Value),
            SymbolNode symbol => EvaluateSymbol(symbol),
            SignNode { Sign: TermSign.Minus } sign => Evaluate(sign.Operand) is { } operand ? -operand : null,
            SumNode sum => EvaluateSum(sum),
            ProductNode product => EvaluateProduct(product),
            PowerNode power => EvaluatePower(power),
            FunctionNode function => EvaluateFunction(function),
            _ => null,
        };
        return value is { } result && Complex.IsFinite(result.Value) && double.IsFinite(result.Error) ? result : null;
    }

    private static Approximation FromRational(Rational value) =>
        value.IsInteger && BigInteger.Abs(value.Numerator) <= MaxExactInteger ? new Approximation((double)value.Numerator, 0.0) : FromReal(value.ToDouble());

    private static Approximation FromReal(double value) => Approximation.Rounded(value, 0.0);

    private Approximation? EvaluateSymbol(SymbolNode symbol) => symbol.Name switch
    {
        SymbolNames.Pi => FromReal(Math.PI),
        SymbolNames.Euler => FromReal(Math.E),
        SymbolNames.ImaginaryUnit => new Approximation(Complex.ImaginaryOne, 0.0),
        SymbolNames.Infinity => null,
        _ when symbol.IsWord => null,
        _ when usesIntegers => FromRational(point.Discrete(symbol.Name)),
        _ => new Approximation(point.Real(symbol.Name), 0.0),
    };

    private Approximation? EvaluateSum(SumNode sum)
    {
        var total = new Approximation(Complex.Zero, 0.0);
        foreach (var child in sum.Children)
        {
            if (Evaluate(child) is not { } term) return null;
            total += term;
        }

        return total;
    }

    private Approximation? EvaluateProduct(ProductNode product)
    {
        var total = new Approximation(Complex.One, 0.0);
        foreach (var child in product.Children)
        {
            if (Evaluate(child) is not { } factor) return null;
            total *= factor;
        }

        return total;
    }

    private Approximation? EvaluatePower(PowerNode power)
    {
        if (Evaluate(power.Operand) is not { } operand) return null;
        if (exact.Evaluate(power.Exponent) is { } constant) return Power(operand, constant);
        if (Evaluate(power.Exponent) is not { } exponent) return null;
        if (usesIntegers && exponent.IsReal && Math.Abs(exponent.Value.Real) < 1e6 && double.IsInteger(exponent.Value.Real)) return Power(operand, new Rational((BigInteger)exponent.Value.Real));
        if (operand.IsReal && operand.Value.Real > operand.Error) return Exponential(operand, exponent);
        return allowsComplex && operand.Magnitude > 2.0 * operand.Error ? Exponential(operand, exponent) : null;
    }

    private Approximation? Power(Approximation operand, Rational exponent)
    {
        if (exponent.IsInteger && BigInteger.Abs(exponent.Numerator) <= MaxRepeatedMultiplication)
        {
            var count = (int)exponent.Numerator;
            var result = new Approximation(Complex.One, 0.0);
            for (var i = Math.Abs(count); i > 0; i--) result *= operand;
            budget.Spend(Math.Abs(count));
            return count < 0 ? result.Reciprocal() : result;
        }

        var asReal = FromReal(exponent.ToDouble());
        if (operand.Magnitude <= operand.Error) return exponent.Sign > 0 ? new Approximation(Complex.Zero, Math.Pow(operand.Magnitude + operand.Error, asReal.Value.Real)) : null;
        if (!operand.IsReal) return Exponential(operand, asReal);
        var value = operand.Value.Real;
        var isOdd = exponent.IsInteger || !exponent.Denominator.IsEven;
        if (value < 0.0 && !isOdd) return allowsComplex ? Exponential(operand, asReal) : null;
        var magnitude = Math.Pow(Math.Abs(value), asReal.Value.Real);
        var error = RelativePowerError(operand, asReal) * magnitude;
        return Approximation.Rounded(value < 0.0 && !exponent.Numerator.IsEven ? -magnitude : magnitude, error);
    }

    private static double RelativePowerError(Approximation operand, Approximation exponent)
    {
        var magnitude = operand.Magnitude;
        return exponent.Magnitude * operand.Error / (magnitude - operand.Error) + (Math.Abs(Math.Log(magnitude)) + Math.PI) * (exponent.Error + Approximation.Epsilon * exponent.Magnitude);
    }

    private static Approximation? Exponential(Approximation operand, Approximation exponent)
    {
        if (!(operand.Magnitude > 2.0 * operand.Error)) return null;
        var logarithm = PrincipalLogarithm(operand);
        var value = Complex.Exp(logarithm * exponent.Value);
        return Approximation.Rounded(value, Complex.Abs(value) * RelativePowerError(operand, exponent));
    }

    private Approximation? EvaluateFunction(FunctionNode function)
    {
        if (function.Kind == FunctionKind.Degrees)
        {
            var isNumber = degreesAreNumbers && functionDepth == 0;
            return Evaluate(function.Children[0]) is { } degrees ? isNumber ? degrees : degrees * FromReal(Math.PI / 180.0) : null;
        }

        functionDepth++;
        var arguments = new Approximation[function.Children.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (Evaluate(function.Children[i]) is not { } argument)
            {
                functionDepth--;
                return null;
            }

            arguments[i] = argument;
        }

        functionDepth--;
        return function.Kind switch
        {
            FunctionKind.Unknown => Opaque(function.Name, arguments),
            FunctionKind.Log => Logarithm(arguments[0]) is { } logarithm && Logarithm(arguments[1])?.Reciprocal() is { } divisor ? logarithm * divisor : null,
            FunctionKind.Ln => Logarithm(arguments[0]),
            FunctionKind.Root => Root(function, arguments),
            FunctionKind.Min or FunctionKind.Max => Extreme(function.Kind, arguments),
            FunctionKind.Factorial or FunctionKind.DoubleFactorial or FunctionKind.Binomial or FunctionKind.Gcd or FunctionKind.Lcm or FunctionKind.Remainder => exact.Evaluate(function) is { } constant ? FromReal(constant.ToDouble()) : null,
            _ => ElementaryFunctions.Apply(function.Kind, arguments[0], allowsComplex),
        };
    }

    // Any function of the arguments will do that is hardly equal by chance.
    private static Approximation Opaque(string name, Approximation[] arguments)
    {
        var sum = new Approximation(new SamplePoint(arguments.Length).Real(name), 0.0);
        for (var i = 0; i < arguments.Length; i++) sum += arguments[i] * FromReal(new SamplePoint(i + 7).Real(name));
        return new Approximation(Complex.Cos(sum.Value), (sum.Error + Approximation.Epsilon) * Math.Cosh(sum.Value.Imaginary));
    }

    private Approximation? Logarithm(Approximation argument)
    {
        if (!(argument.Magnitude > 2.0 * argument.Error)) return null;
        if (argument.IsReal && argument.Value.Real < 0.0 && !allowsComplex) return null;
        var value = PrincipalLogarithm(argument);
        return new Approximation(value, 2.0 * argument.Error / argument.Magnitude + Approximation.Epsilon * (1.0 + Complex.Abs(value)));
    }

    // A real number is on the axis, whatever the sign of the zero beside it.
    private static Complex PrincipalLogarithm(Approximation argument) => argument.IsReal
        ? new Complex(Math.Log(Math.Abs(argument.Value.Real)), argument.Value.Real < 0.0 ? Math.PI : 0.0)
        : Complex.Log(argument.Value);

    private Approximation? Root(FunctionNode function, Approximation[] arguments)
    {
        if (exact.Evaluate(function.Children[1]) is { IsZero: false } degree) return Power(arguments[0], Rational.One / degree);
        return arguments[1].Reciprocal() is { } exponent && arguments[0].IsReal && arguments[0].Value.Real > 0.0 ? Exponential(arguments[0], exponent) : null;
    }

    private static Approximation? Extreme(FunctionKind kind, Approximation[] arguments)
    {
        if (!arguments.All(argument => argument.IsReal)) return null;
        return kind == FunctionKind.Min ? arguments.MinBy(argument => argument.Value.Real) : arguments.MaxBy(argument => argument.Value.Real);
    }
}
