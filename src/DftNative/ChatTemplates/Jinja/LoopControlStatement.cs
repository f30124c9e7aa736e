namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="flow">Which of both.</param>
internal sealed class LoopControlStatement(int position, JinjaFlow flow) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state) => flow;
}
