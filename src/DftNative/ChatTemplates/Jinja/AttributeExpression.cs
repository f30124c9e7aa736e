namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>value.name</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What has it.</param>
/// <param name="name">The attribute.</param>
internal sealed class AttributeExpression(int position, JinjaExpression value, string name) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => JinjaAccess.GetAttribute(value.Evaluate(state), name);
}
