namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>not</c>, <c>-</c> or <c>+</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="operation">What is done.</param>
/// <param name="operand">To what.</param>
internal sealed class UnaryExpression(int position, Func<object, object> operation, JinjaExpression operand) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => operation(operand.Evaluate(state));
}
