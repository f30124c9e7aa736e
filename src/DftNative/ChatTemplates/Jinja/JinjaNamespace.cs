namespace DftNative.ChatTemplates.Jinja;

/// <summary>What <c>namespace()</c> gives: the one thing whose attributes <c>set</c> can change.</summary>
internal sealed class JinjaNamespace
{
    /// <summary>The attributes.</summary>
    public Dictionary<string, object> Attributes { get; } = new(StringComparer.Ordinal);
}
