using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's <c>==</c> and <c>hash()</c>: numbers of every type and truth values compare by value.</summary>
internal sealed class JinjaEquality : IEqualityComparer<object>
{
    /// <summary>The only one.</summary>
    public static readonly JinjaEquality Instance = new();

    private JinjaEquality()
    {
    }

    /// <summary>The key, if it can be one.</summary>
    /// <exception cref="JinjaValueException">It cannot.</exception>
    public static object RequireHashable(object key)
    {
        var isHashable = key is not (JinjaMapping or JinjaSequence { Kind: SequenceKind.List } or JinjaView);
        if (key is JinjaSequence { Kind: SequenceKind.Tuple } tuple)
            foreach (var item in tuple.Items) RequireHashable(item);
        return isHashable ? key : throw new JinjaValueException($"a {JinjaText.TypeName(key)} cannot be a key");
    }

    /// <inheritdoc/>
    public new bool Equals(object? x, object? y) => (x, y) switch
    {
        (string left, string right) => left == right,
        (JinjaUndefined, JinjaUndefined) => true,
        (JinjaSequence left, JinjaSequence right) => left.Kind == right.Kind && left.Items.Count == right.Items.Count && SequencesEqual(left, right),
        (JinjaMapping left, JinjaMapping right) => left.Count == right.Count && left.Entries.All(entry => right.TryGet(entry.Key, out var other) && Equals(entry.Value, other)),
        _ => JinjaNumber.IsNumber(x) && JinjaNumber.IsNumber(y) ? JinjaNumber.AreEqual(x!, y!) : ReferenceEquals(x, y),
    };

    /// <inheritdoc/>
    public int GetHashCode(object value) => value switch
    {
        string text => text.GetHashCode(StringComparison.Ordinal),
        bool truth => truth ? BigInteger.One.GetHashCode() : BigInteger.Zero.GetHashCode(),
        double number when double.IsInteger(number) => new BigInteger(number).GetHashCode(),
        JinjaSequence sequence => sequence.Items.Aggregate(sequence.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JinjaUndefined => 0,
        _ => value.GetHashCode(),
    };

    private bool SequencesEqual(JinjaSequence left, JinjaSequence right)
    {
        for (var i = 0; i < left.Items.Count; i++)
            if (!Equals(left.Items[i], right.Items[i])) return false;
        return true;
    }
}
