namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>{% macro name(…) %}…{% endmacro %}</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="name">Its name.</param>
/// <param name="macro">What it is.</param>
internal sealed class MacroStatement(int position, string name, MacroDefinition macro) : JinjaStatement(position)
{
    /// <inheritdoc/>
    protected override JinjaFlow ExecuteCore(RenderState state)
    {
        state.Scope.Set(name, macro.Bind(state.Scope));
        return JinjaFlow.Next;
    }
}
