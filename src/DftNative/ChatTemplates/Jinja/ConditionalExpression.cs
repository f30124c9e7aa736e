namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>a if condition else b</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="condition">What decides.</param>
/// <param name="whenTrue">The value where it holds.</param>
/// <param name="whenFalse">The value where not; null: undefined.</param>
internal sealed class ConditionalExpression(int position, JinjaExpression condition, JinjaExpression whenTrue, JinjaExpression? whenFalse) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        if (JinjaOperators.IsTrue(condition.Evaluate(state))) return whenTrue.Evaluate(state);
        return whenFalse?.Evaluate(state) ?? new JinjaUndefined("the inline if-expression evaluated to false and has no else");
    }
}
