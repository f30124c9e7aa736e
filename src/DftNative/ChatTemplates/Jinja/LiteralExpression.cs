namespace DftNative.ChatTemplates.Jinja;

/// <summary>A constant.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What it is.</param>
internal sealed class LiteralExpression(int position, object value) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => value;
}
