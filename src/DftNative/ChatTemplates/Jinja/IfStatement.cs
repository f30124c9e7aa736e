namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>if</c> with its <c>elif</c> and <c>else</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="branches">Conditions and bodies in order.</param>
/// <param name="otherwise">What runs where no condition holds.</param>
internal sealed class IfStatement(int position, IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaStatement> Body)> branches, IReadOnlyList<JinjaStatement> otherwise) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        foreach (var (condition, body) in branches)
            if (JinjaOperators.IsTrue(condition.Evaluate(state))) return state.Run(body);
        return state.Run(otherwise);
    }
}
