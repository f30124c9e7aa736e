namespace DftNative.ChatTemplates.Jinja;

/// <summary>A list, tuple or range. Templates cannot change it.</summary>
internal sealed class JinjaSequence
{
    /// <summary>Makes a sequence.</summary>
    /// <param name="kind">Which of Python's.</param>
    /// <param name="items">Its items.</param>
    /// <param name="fieldNames">Names of the items, of a named tuple.</param>
    /// <exception cref="JinjaValueException">It would be nested too deeply.</exception>
    public JinjaSequence(SequenceKind kind, IReadOnlyList<object> items, params string[] fieldNames)
    {
        (Kind, Items, FieldNames) = (kind, items, fieldNames);
        Depth = kind == SequenceKind.Range ? 1 : JinjaLimits.NestedDepth(items);
    }

    /// <summary>Which of Python's.</summary>
    public SequenceKind Kind { get; }

    /// <summary>The items.</summary>
    public IReadOnlyList<object> Items { get; }

    /// <summary>Names of the items, of a named tuple; otherwise empty.</summary>
    public IReadOnlyList<string> FieldNames { get; }

    /// <summary>How Python shows it, of a range.</summary>
    public string? RangeText { get; init; }

    /// <summary>How deeply sequences and mappings are nested in it, itself included.</summary>
    public int Depth { get; }

    /// <summary>A list.</summary>
    public static JinjaSequence List(IEnumerable<object> items) => new(SequenceKind.List, [.. items]);

    /// <summary>A tuple.</summary>
    public static JinjaSequence Tuple(params object[] items) => new(SequenceKind.Tuple, items);
}
