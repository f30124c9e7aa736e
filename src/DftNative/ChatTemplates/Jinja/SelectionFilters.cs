namespace DftNative.ChatTemplates.Jinja;

/// <summary>Filters that put each item through a filter or test: map, select, reject and their like.</summary>
internal static class SelectionFilters
{
    /// <summary>Adds them to the table.</summary>
    public static void AddTo(Dictionary<string, Func<RenderState, JinjaArguments, object>> table)
    {
        table["map"] = (state, arguments) => new JinjaIterator(Map(state, arguments));
        table["select"] = (_, arguments) => new JinjaIterator(Select(arguments, hasAttribute: false, wanted: true));
        table["reject"] = (_, arguments) => new JinjaIterator(Select(arguments, hasAttribute: false, wanted: false));
        table["selectattr"] = (_, arguments) => new JinjaIterator(Select(arguments, hasAttribute: true, wanted: true));
        table["rejectattr"] = (_, arguments) => new JinjaIterator(Select(arguments, hasAttribute: true, wanted: false));
    }

    private static IEnumerable<object> Map(RenderState state, JinjaArguments arguments)
    {
        var items = arguments.Positional[0];
        if (!JinjaOperators.IsTrue(items)) yield break;
        var map = Mapping(state, arguments.Skip(1));
        foreach (var item in JinjaAccess.Iterate(items))
        {
            state.Charge(1);
            yield return map(item);
        }
    }

    private static Func<object, object> Mapping(RenderState state, JinjaArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Find("attribute") is { } attribute)
        {
            arguments.Bind("map", 0, "attribute", "default");
            var path = new AttributePath(attribute, arguments.Find("default") is { } missing and not JinjaNone ? missing : null);
            return path.Find;
        }

        if (arguments.Positional.Count == 0 || arguments.Positional[0] is not string name) throw new JinjaValueException("map needs the name of a filter, or attribute=");
        return item => JinjaFilters.Apply(state, name, new JinjaArguments([item, .. arguments.Positional.Skip(1)], arguments.Keywords));
    }

    private static IEnumerable<object> Select(JinjaArguments arguments, bool hasAttribute, bool wanted)
    {
        var items = arguments.Positional[0];
        if (!JinjaOperators.IsTrue(items)) yield break;
        var rest = arguments.Skip(1);
        var path = new AttributePath(null);
        if (hasAttribute)
        {
            path = new AttributePath(rest.Positional.Count > 0 ? rest.Positional[0] : throw new JinjaValueException("selectattr and rejectattr need the name of an attribute"));
            rest = rest.Skip(1);
        }

        var test = rest.Positional.Count == 0 ? null : rest.Positional[0] as string ?? throw new JinjaValueException("select and reject need the name of a test");
        foreach (var item in JinjaAccess.Iterate(items))
        {
            var value = path.Find(item);
            var holds = test is null ? JinjaOperators.IsTrue(value) : JinjaTests.Holds(test, new JinjaArguments([value, .. rest.Positional.Skip(1)], rest.Keywords));
            if (holds == wanted) yield return item;
        }
    }
}
