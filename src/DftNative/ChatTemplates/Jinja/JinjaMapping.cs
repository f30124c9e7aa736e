namespace DftNative.ChatTemplates.Jinja;

/// <summary>A dict: keeps the order of insertion. Templates cannot change it.</summary>
internal sealed class JinjaMapping
{
    private readonly OrderedDictionary<object, object> entries;

    /// <summary>Makes a mapping; of equal keys the first keeps its place and the last its value.</summary>
    /// <exception cref="JinjaValueException">A key is not hashable, or it would be nested too deeply.</exception>
    public JinjaMapping(IEnumerable<KeyValuePair<object, object>> entries)
    {
        this.entries = new OrderedDictionary<object, object>(JinjaEquality.Instance);
        foreach (var (key, value) in entries) this.entries[JinjaEquality.RequireHashable(key)] = value;
        Depth = JinjaLimits.NestedDepth(this.entries.Values);
    }

    /// <summary>How deeply sequences and mappings are nested in it, itself included.</summary>
    public int Depth { get; }

    /// <summary>The number of entries.</summary>
    public int Count => entries.Count;

    /// <summary>The keys in order.</summary>
    public IReadOnlyList<object> Keys => entries.Keys;

    /// <summary>The values in order.</summary>
    public IReadOnlyList<object> Values => entries.Values;

    /// <summary>The entries in order.</summary>
    public IEnumerable<KeyValuePair<object, object>> Entries => entries;

    /// <summary>The entries in order, as tuples.</summary>
    public IEnumerable<object> Items => entries.Select(entry => JinjaSequence.Tuple(entry.Key, entry.Value));

    /// <summary>The value of a key that is hashable.</summary>
    public bool TryGet(object key, out object value) => entries.TryGetValue(key, out value!);
}
