using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Filters of sequences and mappings as a whole.</summary>
internal static class SequenceFilters
{
    /// <summary>Adds them to the table.</summary>
    public static void AddTo(Dictionary<string, Func<RenderState, JinjaArguments, object>> table)
    {
        table["length"] = table["count"] = (_, arguments) => Length(arguments.Bind("length", 1, "value")[0]!);
        table["first"] = (_, arguments) => JinjaAccess.Iterate(arguments.Bind("first", 1, "value")[0]!).FirstOrDefault() ?? new JinjaUndefined("there is no first item, the sequence is empty");
        table["last"] = (_, arguments) => Last(arguments.Bind("last", 1, "value")[0]!);
        table["list"] = (_, arguments) => JinjaSequence.List(JinjaAccess.Iterate(arguments.Bind("list", 1, "value")[0]!));
        table["items"] = (_, arguments) => Items(arguments.Bind("items", 1, "value")[0]!);
        table["reverse"] = (_, arguments) => Reverse(arguments.Bind("reverse", 1, "value")[0]!);
        table["join"] = (_, arguments) => Join(arguments.Bind("join", 1, "value", "d", "attribute"));
        table["dictsort"] = (_, arguments) => SortMapping(arguments.Bind("dictsort", 1, "value", "case_sensitive", "by", "reverse"));
        table["sort"] = (state, arguments) =>
        {
            var bound = arguments.Bind("sort", 1, "value", "reverse", "case_sensitive", "attribute");
            var paths = bound[3] is string list ? list.Split(',').Select(static path => new AttributePath(path)).ToList() : [new AttributePath(bound[3])];
            object Key(object item) => JinjaSequence.List(paths.Select(path => Folded(path.Find(item), bound[2])));
            return Sorted(JinjaAccess.Iterate(bound[0]!), Key, IsTrue(bound[1]));
        };
        table["unique"] = (_, arguments) =>
        {
            var bound = arguments.Bind("unique", 1, "value", "case_sensitive", "attribute");
            var path = new AttributePath(bound[2]);
            return new JinjaIterator(JinjaAccess.Iterate(bound[0]!).DistinctBy(item => JinjaEquality.RequireHashable(Folded(path.Find(item), bound[1])), JinjaEquality.Instance));
        };
        table["min"] = (_, arguments) => Extreme(arguments.Bind("min", 1, "value", "case_sensitive", "attribute"), -1);
        table["max"] = (_, arguments) => Extreme(arguments.Bind("max", 1, "value", "case_sensitive", "attribute"), 1);
        table["sum"] = (state, arguments) =>
        {
            var bound = arguments.Bind("sum", 1, "value", "attribute", "start");
            var path = new AttributePath(bound[1]);
            var total = bound[2] ?? BigInteger.Zero;
            if (total is string) throw new JinjaValueException("sum does not add texts; use join");
            foreach (var item in JinjaAccess.Iterate(bound[0]!))
            {
                total = JinjaOperators.Add(total, path.Find(item));
                state.ChargeFor(total);
            }

            return total;
        };
        table["batch"] = (_, arguments) =>
        {
            var bound = arguments.Bind("batch", 2, "value", "linecount", "fill_with");
            return new JinjaIterator(Batches(JinjaAccess.Iterate(bound[0]!), JinjaLimits.CheckItemCount(JinjaNumber.ToIndex(bound[1]!, "batch's size")), bound[2]));
        };
        table["groupby"] = (_, arguments) => GroupBy(arguments.Bind("groupby", 2, "value", "attribute", "default", "case_sensitive"));
        table["default"] = table["d"] = (_, arguments) =>
        {
            var bound = arguments.Bind("default", 1, "value", "default_value", "boolean");
            return bound[0] is JinjaUndefined || IsTrue(bound[2]) && !JinjaOperators.IsTrue(bound[0]!) ? bound[1] ?? "" : bound[0]!;
        };
        table["attr"] = (_, arguments) =>
        {
            var bound = arguments.Bind("attr", 2, "obj", "name");
            if (bound[0] is JinjaUndefined undefined) throw undefined.Error();
            if (bound[1] is not string name) throw new JinjaValueException("attr needs a name");
            return bound[0] is JinjaMapping mapping ? JinjaMethods.Find(mapping, name) ?? JinjaAccess.Missing(mapping, name) : JinjaAccess.GetAttribute(bound[0]!, name);
        };
    }

    private static bool IsTrue(object? value) => value is not null && JinjaOperators.IsTrue(value);

    private static object Folded(object value, object? isCaseSensitive) => value is string text && !IsTrue(isCaseSensitive) ? PythonCase.Lower(text) : value;

    private static object Length(object value) => JinjaAccess.Length(value) is { } length
        ? (BigInteger)length
        : throw new JinjaValueException($"a {JinjaText.TypeName(value)} has no length; put it through the filter list where it is a sequence");

    private static object Last(object value)
    {
        if (value is JinjaIterator) throw new JinjaValueException("last needs a sequence, not a generator; put it through the filter list");
        return JinjaAccess.Iterate(value).LastOrDefault() ?? new JinjaUndefined("there is no last item, the sequence is empty");
    }

    private static JinjaIterator Items(object value) => value switch
    {
        JinjaUndefined => new JinjaIterator([]),
        JinjaMapping mapping => new JinjaIterator(mapping.Items),
        _ => throw new JinjaValueException($"items needs a dict, not {JinjaText.TypeName(value)}"),
    };

    private static object Reverse(object value) => value is string text
        ? string.Concat(PythonString.CodePoints(text).Reverse())
        : new JinjaIterator(JinjaAccess.Iterate(value).Reverse().ToList());

    private static string Join(object?[] bound)
    {
        var separator = bound[1] is null ? "" : JinjaText.Str(bound[1]!);
        var path = new AttributePath(bound[2]);
        var parts = new List<string>();
        long length = 0;
        foreach (var item in JinjaAccess.Iterate(bound[0]!))
        {
            parts.Add(JinjaText.Str(path.Find(item)));
            JinjaLimits.CheckTextLength(length += parts[^1].Length + separator.Length);
        }

        return string.Join(separator, parts);
    }

    private static JinjaSequence SortMapping(object?[] bound)
    {
        if (bound[0] is not JinjaMapping mapping) throw bound[0] is JinjaUndefined undefined ? undefined.Error() : new JinjaValueException($"dictsort needs a dict, not {JinjaText.TypeName(bound[0]!)}");
        var by = bound[2] is null ? "key" : bound[2] as string;
        if (by is not ("key" or "value")) throw new JinjaValueException("dictsort sorts by key or value");
        return Sorted(mapping.Items, item => Folded(((JinjaSequence)item).Items[by == "key" ? 0 : 1], bound[1]), IsTrue(bound[3]));
    }

    private static JinjaSequence Sorted(IEnumerable<object> items, Func<object, object> keyOf, bool isReversed) =>
        new(SequenceKind.List, JinjaOperators.Sort(items, keyOf, isReversed));

    private static object Extreme(object?[] bound, int sign)
    {
        var path = new AttributePath(bound[2]);
        object? best = null, bestKey = null;
        foreach (var item in JinjaAccess.Iterate(bound[0]!))
        {
            var key = Folded(path.Find(item), bound[1]);
            if (bestKey is null || JinjaOperators.Compare(key, bestKey) is { } order && order * sign > 0) (best, bestKey) = (item, key);
        }

        return best ?? new JinjaUndefined("there is no item, the sequence is empty");
    }

    private static IEnumerable<object> Batches(IEnumerable<object> items, int size, object? fill)
    {
        var batch = new List<object>();
        foreach (var item in items)
        {
            if (batch.Count == size)
            {
                yield return JinjaSequence.List(batch);
                batch.Clear();
            }

            batch.Add(item);
        }

        if (batch.Count == 0) yield break;
        if (fill is not (null or JinjaNone)) batch.AddRange(Enumerable.Repeat(fill, Math.Max(0, size - batch.Count)));
        yield return JinjaSequence.List(batch);
    }

    private static JinjaSequence GroupBy(object?[] bound)
    {
        var path = new AttributePath(bound[1], bound[2] is JinjaNone ? null : bound[2]);
        object KeyOf(object item) => Folded(path.Find(item), bound[3]);
        var groups = new List<List<object>>();
        foreach (var item in Sorted(JinjaAccess.Iterate(bound[0]!), KeyOf, isReversed: false).Items)
        {
            if (groups.Count > 0 && JinjaEquality.Instance.Equals(KeyOf(groups[^1][0]), KeyOf(item)))
                groups[^1].Add(item);
            else
                groups.Add([item]);
        }

        return JinjaSequence.List(groups.Select(group => new JinjaSequence(SequenceKind.Tuple, [path.Find(group[0]), JinjaSequence.List(group)], "grouper", "list")));
    }
}
