using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>A polynomial in one variable with rational coefficients.</summary>
internal sealed class Polynomial
{
    /// <summary>Higher degrees are not read: no answer has them, and Sturm's chain grows with their square.</summary>
    private const int MaxDegree = 16;

    private const long MaxBits = 1 << 12;

    private readonly Rational[] coefficients;

    private Polynomial(IEnumerable<Rational> coefficients)
    {
        this.coefficients = [.. coefficients];
        var length = this.coefficients.Length;
        while (length > 0 && this.coefficients[length - 1].IsZero) length--;
        if (length < this.coefficients.Length) this.coefficients = this.coefficients[..length];
    }

    /// <summary>The degree; −1: it is 0.</summary>
    public int Degree => coefficients.Length - 1;

    /// <summary>The coefficient of a power.</summary>
    public Rational this[int power] => power < coefficients.Length ? coefficients[power] : Rational.Zero;

    /// <summary>Reads an expression.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="variable">The variable's name.</param>
    /// <param name="budget">Bounds the time.</param>
    /// <returns>Null if it is no such polynomial, or one too large.</returns>
    public static Polynomial? Of(MathNode node, string variable, WorkBudget budget)
    {
        budget.Spend(1);
        return node switch
        {
            NumberNode number => new Polynomial([number.Value]),
            SymbolNode symbol => symbol.Name == variable ? new Polynomial([Rational.Zero, Rational.One]) : null,
            SignNode { Sign: TermSign.Minus } sign => Of(sign.Operand, variable, budget)?.Scale(-Rational.One),
            SumNode sum => Fold(sum.Children, new Polynomial([]), variable, budget, Add),
            ProductNode product => Fold(product.Children, new Polynomial([Rational.One]), variable, budget, Multiply),
            PowerNode { Exponent: NumberNode { Value.IsInteger: true } exponent } power => Power(power.Operand, exponent.Value, variable, budget),
            PowerNode { Exponent: SignNode { Sign: TermSign.Minus, Operand: NumberNode { Value.IsInteger: true } exponent } } power => Power(power.Operand, -exponent.Value, variable, budget),
            _ => null,
        };
    }

    /// <summary>How many different complex numbers are roots: the degree without multiplicities.</summary>
    public int CountRoots(WorkBudget budget) => Degree - Chain(budget)[^1].Degree;

    /// <summary>How many different real numbers are roots, by Sturm's theorem.</summary>
    public int CountRealRoots(WorkBudget budget)
    {
        var chain = Chain(budget);
        return SignChanges(chain.Select(static link => link.Degree % 2 == 0 ? link[link.Degree].Sign : -link[link.Degree].Sign)) - SignChanges(chain.Select(static link => link[link.Degree].Sign));
    }

    private static int SignChanges(IEnumerable<int> signs)
    {
        var (changes, last) = (0, 0);
        foreach (var sign in signs)
        {
            if (sign * last < 0) changes++;
            if (sign != 0) last = sign;
        }

        return changes;
    }

    /// <summary>p, p′, and each time the negative of the remainder of the two before; the last is the greatest common divisor of p and p′.</summary>
    private List<Polynomial> Chain(WorkBudget budget)
    {
        List<Polynomial> chain = [this, new Polynomial(coefficients.Select(static (coefficient, power) => coefficient * new Rational(power)).Skip(1))];
        while (chain[^1].Degree > 0)
        {
            var next = chain[^2].Remainder(chain[^1], budget).Scale(-Rational.One);
            if (next.Degree < 0) break;
            // Signs and degrees are all that counts: a positive factor keeps the coefficients short.
            chain.Add(next.Scale(Rational.One / next[next.Degree].Abs()));
        }

        return chain;
    }

    private Polynomial Remainder(Polynomial divisor, WorkBudget budget)
    {
        var rest = coefficients.ToArray();
        for (var power = Degree; power >= divisor.Degree; power--)
        {
            var factor = rest[power] / divisor[divisor.Degree];
            for (var i = 0; i <= divisor.Degree; i++)
            {
                rest[power - divisor.Degree + i] -= factor * divisor[i];
                Check(rest[power - divisor.Degree + i], budget);
            }
        }

        return new Polynomial(rest.Take(divisor.Degree));
    }

    private static Polynomial? Power(MathNode operand, Rational exponent, string variable, WorkBudget budget)
    {
        if (exponent.Abs() > new Rational(MaxDegree) || Of(operand, variable, budget) is not { } polynomial) return null;
        if (exponent.Sign < 0) return polynomial.Degree == 0 ? new Polynomial([polynomial[0].Pow((int)exponent.Numerator)]) : null;
        Polynomial? result = new([Rational.One]);
        for (var i = 0; i < (int)exponent.Numerator && result is not null; i++) result = Multiply(result, polynomial, budget);
        return result;
    }

    private static Polynomial? Fold(IReadOnlyList<MathNode> nodes, Polynomial start, string variable, WorkBudget budget, Func<Polynomial, Polynomial, WorkBudget, Polynomial?> combine)
    {
        var result = start;
        foreach (var node in nodes)
        {
            if (Of(node, variable, budget) is not { } operand || combine(result, operand, budget) is not { } combined) return null;
            result = combined;
        }

        return result;
    }

    private static Polynomial Add(Polynomial left, Polynomial right, WorkBudget budget)
    {
        budget.Spend(left.coefficients.Length + right.coefficients.Length);
        return new Polynomial(Enumerable.Range(0, Math.Max(left.coefficients.Length, right.coefficients.Length)).Select(power => left[power] + right[power]));
    }

    private static Polynomial? Multiply(Polynomial left, Polynomial right, WorkBudget budget)
    {
        if (left.Degree + right.Degree > MaxDegree) return null;
        var product = new Rational[Math.Max(0, left.coefficients.Length + right.coefficients.Length - 1)];
        for (var i = 0; i < left.coefficients.Length; i++)
        {
            for (var j = 0; j < right.coefficients.Length; j++)
            {
                product[i + j] += left[i] * right[j];
                Check(product[i + j], budget);
            }
        }

        return new Polynomial(product);
    }

    private static void Check(Rational coefficient, WorkBudget budget)
    {
        budget.SpendBits(coefficient.BitLength);
        if (coefficient.BitLength > MaxBits) throw new WorkExhaustedException();
    }

    private Polynomial Scale(Rational factor) => new(coefficients.Select(coefficient => coefficient * factor));
}
