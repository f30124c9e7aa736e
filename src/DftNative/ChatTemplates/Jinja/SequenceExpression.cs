namespace DftNative.ChatTemplates.Jinja;

/// <summary>A list or tuple.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="kind">Which of both.</param>
/// <param name="items">Its items.</param>
internal sealed class SequenceExpression(int position, SequenceKind kind, IReadOnlyList<JinjaExpression> items) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => new JinjaSequence(kind, [.. items.Select(item => item.Evaluate(state))]);
}
