namespace DftNative.ChatTemplates.Jinja;

/// <summary>Attributes, items, slices and iteration of values, as Jinja's sandbox gives them.</summary>
internal static class JinjaAccess
{
    /// <summary><c>value.name</c>: the attribute or, where there is none, the item.</summary>
    public static object GetAttribute(object value, string name)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        if (FindAttribute(value, name) is { } attribute) return attribute;
        return value is JinjaMapping mapping && mapping.TryGet(name, out var item) ? item : Missing(value, name);
    }

    /// <summary><c>value[key]</c>: the item or, where there is none, the attribute.</summary>
    public static object GetItem(object value, object key)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        switch (value)
        {
            case JinjaMapping mapping when IsHashable(key) && mapping.TryGet(key, out var item):
                return item;
            case JinjaSequence sequence when JinjaNumber.TryGetInteger(key, out _):
                return ItemAt(sequence.Items, key) ?? Missing(value, JinjaText.Str(key));
            case string text when JinjaNumber.TryGetInteger(key, out _):
                return ItemAt(PythonString.CodePoints(text), key) ?? Missing(value, JinjaText.Str(key));
        }

        return (key is string name ? FindAttribute(value, name) : null) ?? Missing(value, key is string or JinjaNone || JinjaNumber.IsNumber(key) ? JinjaText.Str(key) : "…");
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    /// <param name="value">A text or sequence.</param>
    /// <param name="start">None: from the end that the step comes from.</param>
    /// <param name="stop">None: to the other end.</param>
    /// <param name="step">None: 1.</param>
    public static object Slice(object value, object start, object stop, object step)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        var text = value as string;
        if (text is null && value is not JinjaSequence) throw new JinjaValueException($"a {JinjaText.TypeName(value)} cannot be sliced");
        var stride = step is JinjaNone ? 1 : JinjaNumber.ToIndex(step, "a slice's step");
        if (stride == 0) throw new JinjaValueException("a slice's step cannot be zero");
        var items = text is null ? ((JinjaSequence)value).Items : PythonString.CodePoints(text);
        var (lowest, highest) = stride > 0 ? (0, items.Count) : (-1, items.Count - 1);
        var first = Bound(start, stride > 0 ? lowest : highest);
        var last = Bound(stop, stride > 0 ? highest : lowest);
        var picked = new List<object>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride) picked.Add(items[(int)i]);
        return text is null ? new JinjaSequence(((JinjaSequence)value).Kind, picked) : string.Concat(picked);

        int Bound(object bound, int absent)
        {
            if (bound is JinjaNone) return absent;
            var place = JinjaNumber.ToIndex(bound, "a slice's bound");
            return Math.Clamp(place < 0 ? place + items.Count : place, lowest, highest);
        }
    }

    /// <summary>What a loop over the value goes through.</summary>
    /// <exception cref="JinjaValueException">It cannot be iterated.</exception>
    public static IEnumerable<object> Iterate(object value) => value switch
    {
        JinjaSequence sequence => sequence.Items,
        string text => PythonString.CodePoints(text),
        JinjaMapping mapping => mapping.Keys,
        JinjaView view => view.Items,
        JinjaIterator iterator => iterator.Consume(),
        JinjaUndefined => [],
        _ => throw new JinjaValueException($"a {JinjaText.TypeName(value)} cannot be iterated"),
    };

    /// <summary>Python's <c>len()</c>, or null where the value has none.</summary>
    public static int? Length(object value) => value switch
    {
        string text => PythonString.Length(text),
        JinjaSequence sequence => sequence.Items.Count,
        JinjaMapping mapping => mapping.Count,
        JinjaView view => view.Items.Count,
        JinjaUndefined => 0,
        _ => null,
    };

    /// <summary>What stands for an attribute or item that is not there.</summary>
    public static JinjaUndefined Missing(object value, string name) => new($"a {JinjaText.TypeName(value)} has no '{name}'");

    private static object? FindAttribute(object value, string name) => value switch
    {
        JinjaNamespace space => space.Attributes.GetValueOrDefault(name),
        JinjaSequence { FieldNames.Count: > 0 } tuple when tuple.FieldNames.IndexOf(name) is >= 0 and var field => tuple.Items[field],
        LoopVariable loop => loop.Find(name),
        _ => JinjaMethods.Find(value, name),
    };

    private static int IndexOf(this IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        return -1;
    }

    private static bool IsHashable(object key) => key is string || JinjaNumber.IsNumber(key) || key is JinjaNone || key is JinjaSequence { Kind: SequenceKind.Tuple };

    private static object? ItemAt(IReadOnlyList<object> items, object key)
    {
        var index = JinjaNumber.ToIndex(key, "an index");
        if (index < 0) index += items.Count;
        return (uint)index < (uint)items.Count ? items[index] : null;
    }
}
