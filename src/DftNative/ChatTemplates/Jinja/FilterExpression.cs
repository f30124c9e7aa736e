namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>value | name(arguments)</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What is filtered; null: what a block has written.</param>
/// <param name="name">The filter.</param>
/// <param name="arguments">Its arguments.</param>
internal sealed class FilterExpression(int position, JinjaExpression? value, string name, ArgumentList arguments) : JinjaExpression(position)
{
    /// <summary>Filters what a block has written.</summary>
    public object Apply(RenderState state, string text)
    {
        object input = value is FilterExpression inner ? inner.Apply(state, text) : text;
        return JinjaFilters.Apply(state, name, arguments.Evaluate(state, input));
    }

    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state)
    {
        var input = value!.Evaluate(state);
        return JinjaFilters.Apply(state, name, arguments.Evaluate(state, input));
    }
}
