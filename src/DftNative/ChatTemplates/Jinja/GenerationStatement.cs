namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% generation %}…{% endgeneration %}</c>: text that the model is to generate.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="body">What writes it.</param>
internal sealed class GenerationStatement(int position, IReadOnlyList<JinjaStatement> body) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.RunGeneration(body);
        return JinjaFlow.Next;
    }
}
