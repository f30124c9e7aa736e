namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>and</c> or <c>or</c>: the operand that decides.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="decides">The truth of the first operand that makes it the result: true for <c>or</c>.</param>
/// <param name="left">The first operand.</param>
/// <param name="right">The second, evaluated where the first does not decide.</param>
internal sealed class LogicalExpression(int position, bool decides, JinjaExpression left, JinjaExpression right) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var first = left.Evaluate(state);
        return JinjaOperators.IsTrue(first) == decides ? first : right.Evaluate(state);
    }
}
