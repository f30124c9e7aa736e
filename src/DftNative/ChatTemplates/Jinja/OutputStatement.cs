namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{{ value }}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What is written.</param>
internal sealed class OutputStatement(int position, JinjaExpression value) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.Write(JinjaText.Str(value.Evaluate(state)));
        return JinjaFlow.Next;
    }
}
