namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% set target = value %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="target">What takes it.</param>
/// <param name="value">The value.</param>
internal sealed class SetStatement(int position, AssignmentTarget target, JinjaExpression value) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        target.Assign(state, value.Evaluate(state));
        return JinjaFlow.Next;
    }
}
