namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% set target %}…{% endset %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="target">What takes the text.</param>
/// <param name="filter">What it goes through first, or null.</param>
/// <param name="body">What writes it.</param>
internal sealed class SetBlockStatement(int position, AssignmentTarget target, FilterExpression? filter, IReadOnlyList<JinjaStatement> body) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        var text = state.Capture(state.Scope, body);
        target.Assign(state, filter is null ? text : filter.Apply(state, text));
        return JinjaFlow.Next;
    }
}
