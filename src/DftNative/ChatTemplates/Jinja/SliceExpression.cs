namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>value[start:stop:step]</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">A text or sequence.</param>
/// <param name="start">The first, or null.</param>
/// <param name="stop">One past the last, or null.</param>
/// <param name="step">From one to the next, or null.</param>
internal sealed class SliceExpression(int position, JinjaExpression value, JinjaExpression? start, JinjaExpression? stop, JinjaExpression? step) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var sliced = value.Evaluate(state);
        state.ChargeFor(sliced);
        return JinjaAccess.Slice(sliced, Bound(start), Bound(stop), Bound(step));

        object Bound(JinjaExpression? bound) => bound?.Evaluate(state) ?? JinjaNone.Value;
    }
}
