namespace DftNative.ChatTemplates.Jinja;

/// <summary>A loop; each turn has a scope of its own.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="target">What takes each item.</param>
/// <param name="iterable">What is looped over.</param>
/// <param name="filter">Which items count; null: all.</param>
/// <param name="body">What runs each turn.</param>
/// <param name="otherwise">What runs where no turn came to its end.</param>
internal sealed class ForStatement(int position, AssignmentTarget target, JinjaExpression iterable, JinjaExpression? filter, IReadOnlyList<JinjaStatement> body, IReadOnlyList<JinjaStatement> otherwise) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        var around = state.Scope;
        var values = iterable.Evaluate(state);
        var items = JinjaAccess.Iterate(values);
        var loop = new LoopVariable(filter is null ? items : items.Where(Passes));
        var hasFinished = false;
        while (loop.MoveNext(out var item))
        {
            state.Charge(1);
            var flow = state.RunWithin(around, body, scope =>
            {
                scope.Set("loop", loop);
                target.Assign(state, item);
            });
            if (flow == JinjaFlow.Break) break;

            // Jinja2 notes a turn at its end, so that turns cut short by continue or break do not keep else from running.
            hasFinished |= flow == JinjaFlow.Next;
        }

        if (!hasFinished) state.RunWithin(around, otherwise);
        return JinjaFlow.Next;

        bool Passes(object item)
        {
            state.Charge(1);
            return state.Within(new JinjaScope(around), () =>
            {
                target.Assign(state, item);
                return JinjaOperators.IsTrue(filter!.Evaluate(state));
            });
        }
    }
}
