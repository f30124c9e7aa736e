namespace DftNative.ChatTemplates.Jinja;

/// <summary>What takes a value: a name, an attribute of a namespace, or several names.</summary>
/// <param name="name">The name; of several names null.</param>
/// <param name="attribute">The namespace's attribute, or null.</param>
/// <param name="parts">The targets of a value's items; null: there is one.</param>
internal sealed class AssignmentTarget(string? name, string? attribute, IReadOnlyList<AssignmentTarget>? parts)
{
    /// <summary>Takes a value in the scope that is in force.</summary>
    /// <exception cref="JinjaValueException">The value has another number of items, or there is no such namespace.</exception>
    public void Assign(RenderState state, object value)
    {
        if (parts is not null)
            Unpack(state, value, parts);
        else if (attribute is null)
            state.Scope.Set(name!, value);
        else if (state.Resolve(name!) is JinjaNamespace space)
            space.Attributes[attribute] = value;
        else
            throw new JinjaValueException($"'{name}' is not a namespace: only a namespace's attributes can be set");
    }

    private static void Unpack(RenderState state, object value, IReadOnlyList<AssignmentTarget> parts)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        var items = JinjaAccess.Iterate(value).Take(parts.Count + 1).ToList();
        if (items.Count != parts.Count) throw new JinjaValueException($"{parts.Count} names cannot take the items of a {JinjaText.TypeName(value)} with {(items.Count > parts.Count ? "more" : "fewer")}");
        for (var i = 0; i < parts.Count; i++) parts[i].Assign(state, items[i]);
    }
}
