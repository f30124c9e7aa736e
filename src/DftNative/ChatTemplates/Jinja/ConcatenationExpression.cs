namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>a ~ b</c>: the texts of values, one after another.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="operands">The values.</param>
internal sealed class ConcatenationExpression(int position, IReadOnlyList<JinjaExpression> operands) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var parts = operands.Select(operand => JinjaText.Str(operand.Evaluate(state))).ToList();
        JinjaLimits.CheckTextLength(parts.Sum(part => (long)part.Length));
        var text = string.Concat(parts);
        state.ChargeFor(text);
        return text;
    }
}
