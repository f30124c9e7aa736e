namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% call macro(…) %}…{% endcall %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="call">What is called.</param>
/// <param name="caller">The body, which the macro calls as <c>caller()</c>.</param>
internal sealed class CallBlockStatement(int position, CallExpression call, MacroDefinition caller) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.Write(JinjaText.Str(call.Call(state, KeyValuePair.Create<string, object>("caller", caller.Bind(state.Scope)))));
        return JinjaFlow.Next;
    }
}
