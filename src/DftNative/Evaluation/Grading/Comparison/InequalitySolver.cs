using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Solves inequalities of one variable: linear and quadratic ones with rational coefficients, and |ax + b| against a number.</summary>
/// <param name="expressions">Finds values.</param>
/// <param name="budget">Bounds the time.</param>
internal sealed class InequalitySolver(ExpressionComparer expressions, WorkBudget budget)
{
    /// <summary>Where an inequality holds.</summary>
    /// <param name="left">Its left side.</param>
    /// <param name="sign">Of <c>&lt; ≤ &gt; ≥ ≠</c>.</param>
    /// <param name="right">Its right side.</param>
    /// <param name="variable">The variable's name.</param>
    /// <returns>The intervals in their order; null if it is none of these.</returns>
    public List<Interval>? Solve(MathNode left, char sign, MathNode right, string variable)
    {
        if (left is FunctionNode { Kind: FunctionKind.Abs, Children: [var argument] }) return SolveAbsolute(argument, sign, right, variable);
        if (right is FunctionNode { Kind: FunctionKind.Abs, Children: [var other] }) return SolveAbsolute(other, Mirror(sign), left, variable);
        return Polynomial.Of(new SumNode([left, new SignNode(TermSign.Minus, right)]), variable, budget) switch
        {
            { Degree: 1 } line => Select(sign, [End(-line[0] / line[1])], -line[1].Sign, line[1].Sign),
            { Degree: 2 } parabola => SolveQuadratic(parabola, sign),
            _ => null,
        };
    }

    /// <summary>The sign that stands between the sides exchanged.</summary>
    public static char Mirror(char sign) => sign switch { '<' => '>', '>' => '<', '≤' => '≥', '≥' => '≤', _ => sign };

    private List<Interval>? SolveAbsolute(MathNode argument, char sign, MathNode bound, string variable)
    {
        if (Polynomial.Of(argument, variable, budget) is not { Degree: 1 } line || expressions.RealValue(bound) is not { } value || !double.IsFinite(value)) return null;
        if (value < 0) return Select(sign, [], 1);
        var (factor, shift) = (Rational.One / line[1], -line[0]);
        if (value == 0) return Select(sign, [End(shift * factor)], 1, 1);
        (double Value, MathNode Node) Solution(MathNode side, double sideValue) =>
            ((sideValue + shift.ToDouble()) * factor.ToDouble(), new ProductNode([Number(factor), new SumNode([side, Number(shift)])]));
        var ends = new[] { Solution(bound, value), Solution(new SignNode(TermSign.Minus, bound), -value) };
        return Select(sign, [.. ends.OrderBy(end => end.Value)], 1, -1, 1);
    }

    private static List<Interval> SolveQuadratic(Polynomial parabola, char sign)
    {
        var (a, b, c) = (parabola[2], parabola[1], parabola[0]);
        var discriminant = (b * b) - (new Rational(4) * a * c);
        var middle = -b / (new Rational(2) * a);
        if (discriminant.Sign < 0) return Select(sign, [], a.Sign);
        if (discriminant.IsZero) return Select(sign, [End(middle)], a.Sign, a.Sign);
        var half = (Rational.One / (new Rational(2) * a)).Abs();
        var root = new ProductNode([Number(half), new PowerNode(Number(discriminant), Number(new Rational(1, 2)))]);
        var distance = half.ToDouble() * Math.Sqrt(discriminant.ToDouble());
        return Select(
            sign,
            [
                (middle.ToDouble() - distance, new SumNode([Number(middle), new SignNode(TermSign.Minus, root)])),
                (middle.ToDouble() + distance, new SumNode([Number(middle), root])),
            ],
            a.Sign, -a.Sign, a.Sign);
    }

    /// <summary>The parts of the line, between and at the zeros, where a function has the sign that is asked for.</summary>
    /// <param name="sign">Which sign, and whether zeros belong to it.</param>
    /// <param name="zeros">The zeros in their order.</param>
    /// <param name="signs">The function's signs before, between and behind them.</param>
    private static List<Interval> Select(char sign, (double Value, MathNode Node)[] zeros, params ReadOnlySpan<int> signs)
    {
        var parts = new List<Interval>();
        for (var part = 0; part < signs.Length; part++)
        {
            (double Value, MathNode? Node) lower = part == 0 ? (double.NegativeInfinity, null) : zeros[part - 1];
            (double Value, MathNode? Node) upper = part == zeros.Length ? (double.PositiveInfinity, null) : zeros[part];
            if (Holds(sign, signs[part])) parts.Add(new Interval(lower.Value, lower.Node, false, upper.Value, upper.Node, false));
            if (upper.Node is not null && Holds(sign, 0)) parts.Add(new Interval(upper.Value, upper.Node, true, upper.Value, upper.Node, true));
        }

        return parts;
    }

    private static bool Holds(char sign, int value) => sign switch
    {
        '<' => value < 0,
        '≤' => value <= 0,
        '>' => value > 0,
        '≥' => value >= 0,
        _ => value != 0,
    };

    private static (double Value, MathNode Node) End(Rational value) => (value.ToDouble(), Number(value));

    private static NumberNode Number(Rational value) => new(value, "");
}
