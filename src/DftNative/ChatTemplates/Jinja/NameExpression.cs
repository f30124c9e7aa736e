namespace DftNative.ChatTemplates.Jinja;

/// <summary>A name.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="name">The name.</param>
internal sealed class NameExpression(int position, string name) : JinjaExpression(position)
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => state.Resolve(name);
}
