namespace DftNative.ChatTemplates.Jinja;

/// <summary>What dict's keys(), values() and items() give: has a length and can be iterated often, but not indexed.</summary>
/// <param name="typeName">Python's name of it, such as <c>dict_keys</c>.</param>
/// <param name="items">What it holds.</param>
internal sealed class JinjaView(string typeName, IReadOnlyList<object> items)
{
    /// <summary>Python's name of it.</summary>
    public string TypeName => typeName;

    /// <summary>What it holds.</summary>
    public IReadOnlyList<object> Items => items;
}
