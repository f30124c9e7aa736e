namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% filter name %}…{% endfilter %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="filter">What the text goes through.</param>
/// <param name="body">What writes it.</param>
internal sealed class FilterBlockStatement(int position, FilterExpression filter, IReadOnlyList<JinjaStatement> body) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.Write(JinjaText.Str(filter.Apply(state, state.Capture(state.Scope, body))));
        return JinjaFlow.Next;
    }
}
