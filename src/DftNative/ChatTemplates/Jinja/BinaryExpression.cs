namespace DftNative.ChatTemplates.Jinja;

/// <summary>An arithmetic operator.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="operation">What is done.</param>
/// <param name="left">The first operand.</param>
/// <param name="right">The second.</param>
internal sealed class BinaryExpression(int position, Func<object, object, object> operation, JinjaExpression left, JinjaExpression right) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var result = operation(left.Evaluate(state), right.Evaluate(state));
        state.ChargeFor(result);
        return result;
    }
}
