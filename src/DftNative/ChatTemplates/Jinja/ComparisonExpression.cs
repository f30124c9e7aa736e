namespace DftNative.ChatTemplates.Jinja;

/// <summary>A chain of comparisons, such as <c>a &lt; b &lt;= c</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="first">The first operand.</param>
/// <param name="rest">Operators, each with the operand after it.</param>
internal sealed class ComparisonExpression(int position, JinjaExpression first, IReadOnlyList<(string Symbol, JinjaExpression Operand)> rest) : JinjaExpression(position)
{
    /// <summary>Whether one comparison holds.</summary>
    public static bool Holds(string symbol, object left, object right) => symbol switch
    {
        "==" => JinjaEquality.Instance.Equals(left, right),
        "!=" => !JinjaEquality.Instance.Equals(left, right),
        "in" => JinjaOperators.Contains(right, left),
        "not in" => !JinjaOperators.Contains(right, left),
        "<" => JinjaOperators.Compare(left, right, symbol) < 0,
        "<=" => JinjaOperators.Compare(left, right, symbol) <= 0,
        ">" => JinjaOperators.Compare(left, right, symbol) > 0,
        _ => JinjaOperators.Compare(left, right, symbol) >= 0,
    };

    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var left = first.Evaluate(state);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(state);
            state.ChargeFor(right);
            if (!Holds(symbol, left, right)) return false;
            left = right;
        }

        return true;
    }
}
