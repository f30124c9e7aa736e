using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>A loop and its variable <c>loop</c>. Items are drawn as they are needed, so that a filter sees what the body did.</summary>
/// <param name="items">What is looped over.</param>
internal sealed class LoopVariable(IEnumerable<object> items)
{
    private readonly Queue<object> ahead = new();
    private readonly IEnumerator<object> source = items.GetEnumerator();
    private object? previous;
    private object? current;
    private IReadOnlyList<object>? lastChanged;
    private int index = -1;

    /// <summary>Goes to the next item.</summary>
    public bool MoveNext(out object item)
    {
        item = JinjaNone.Value;
        if (!Peek()) return false;
        (previous, current) = (current, ahead.Dequeue());
        item = current;
        index++;
        return true;
    }

    /// <summary>An attribute of <c>loop</c>, or null.</summary>
    public object? Find(string name) => name switch
    {
        "index" => (BigInteger)(index + 1),
        "index0" => (BigInteger)index,
        "first" => index == 0,
        "last" => !Peek(),
        "length" => (BigInteger)Length(),
        "revindex" => (BigInteger)(Length() - index),
        "revindex0" => (BigInteger)(Length() - index - 1),
        "previtem" => previous ?? new JinjaUndefined("there is no previous item"),
        "nextitem" => Peek() ? ahead.Peek() : new JinjaUndefined("there is no next item"),
        "depth" => BigInteger.One,
        "depth0" => BigInteger.Zero,
        "cycle" => new JinjaCallable(name, (_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[index % arguments.Positional.Count]
            : throw new JinjaValueException("no items for cycling given")),
        "changed" => new JinjaCallable(name, (_, arguments) => HasChanged(arguments.Positional)),
        _ => null,
    };

    private bool Peek()
    {
        if (ahead.Count > 0) return true;
        if (!source.MoveNext()) return false;
        ahead.Enqueue(source.Current);
        return true;
    }

    private int Length()
    {
        while (source.MoveNext()) ahead.Enqueue(source.Current);
        return index + 1 + ahead.Count;
    }

    private bool HasChanged(IReadOnlyList<object> values)
    {
        var changed = lastChanged is null || !lastChanged.SequenceEqual(values, JinjaEquality.Instance);
        lastChanged = values;
        return changed;
    }
}
