namespace DftNative.ChatTemplates.Jinja;

/// <summary>A dict.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="entries">Keys and values.</param>
internal sealed class MappingExpression(int position, IReadOnlyList<KeyValuePair<JinjaExpression, JinjaExpression>> entries) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) =>
        new JinjaMapping(entries.Select(entry => KeyValuePair.Create(entry.Key.Evaluate(state), entry.Value.Evaluate(state))));
}
