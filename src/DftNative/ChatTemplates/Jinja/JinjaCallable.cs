namespace DftNative.ChatTemplates.Jinja;

/// <summary>A global function, macro or bound method.</summary>
/// <param name="name">For messages.</param>
/// <param name="body">What a call does.</param>
internal sealed class JinjaCallable(string name, Func<RenderState, JinjaArguments, object> body)
{
    /// <summary>For messages.</summary>
    public string Name => name;

    /// <summary>Calls it.</summary>
    public object Invoke(RenderState state, JinjaArguments arguments) => body(state, arguments);
}
