namespace DftNative.ChatTemplates.Jinja;

/// <summary>Text between statements.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="text">The text.</param>
internal sealed class TextStatement(int position, string text) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.Write(text);
        return JinjaFlow.Next;
    }
}
