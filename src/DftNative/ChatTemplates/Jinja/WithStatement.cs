namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% with a = 1 %}…{% endwith %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="assignments">Names and what they take, all evaluated outside.</param>
/// <param name="body">What sees them.</param>
internal sealed class WithStatement(int position, IReadOnlyList<(AssignmentTarget Target, JinjaExpression Value)> assignments, IReadOnlyList<JinjaStatement> body) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        var values = assignments.Select(assignment => assignment.Value.Evaluate(state)).ToList();
        return state.RunWithin(state.Scope, body, _ =>
        {
            for (var i = 0; i < values.Count; i++) assignments[i].Target.Assign(state, values[i]);
        });
    }
}
