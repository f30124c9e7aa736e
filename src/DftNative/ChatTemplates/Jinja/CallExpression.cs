namespace DftNative.ChatTemplates.Jinja;

/// <summary>A call.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="function">What is called.</param>
/// <param name="arguments">With what.</param>
internal sealed class CallExpression(int position, JinjaExpression function, ArgumentList arguments) : JinjaExpression(position)
{
    /// <summary>Calls with one more keyword argument.</summary>
    public object Call(RenderState state, params ReadOnlySpan<KeyValuePair<string, object>> added)
    {
        var callable = function.Evaluate(state);
        if (callable is JinjaUndefined undefined) throw undefined.Error();
        var values = arguments.Evaluate(state);
        if (added.Length > 0) values = values with { Keywords = [.. values.Keywords, .. added] };
        if (callable is LoopVariable) throw new JinjaValueException("recursive loops are not supported");
        if (callable is not JinjaCallable known) throw new JinjaValueException($"a {JinjaText.TypeName(callable)} cannot be called");
        var result = known.Invoke(state, values);
        state.ChargeFor(result);
        return result;
    }

    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => Call(state);
}
