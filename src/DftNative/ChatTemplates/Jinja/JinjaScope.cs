namespace DftNative.ChatTemplates.Jinja;

/// <summary>Names that a block of a template sets; what it does not have is its parent's.</summary>
/// <param name="parent">The block around it; null: the template itself.</param>
internal sealed class JinjaScope(JinjaScope? parent)
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);

    /// <summary>Sets a name in this scope.</summary>
    public void Set(string name, object value) => values[name] = value;

    /// <summary>The name's value here or around here, or null.</summary>
    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
            if (scope.values.TryGetValue(name, out var value)) return value;
        return null;
    }

    private JinjaScope? Parent => parent;
}
