namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>value[key]</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What has it.</param>
/// <param name="key">The key or index.</param>
internal sealed class ItemExpression(int position, JinjaExpression value, JinjaExpression key) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var container = value.Evaluate(state);
        if (container is string) state.ChargeFor(container);
        return JinjaAccess.GetItem(container, key.Evaluate(state));
    }
}
