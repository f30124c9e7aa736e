namespace DftNative.ChatTemplates.Jinja;

/// <summary>The filters of chat templates: Jinja's, with transformers' <c>tojson</c>.</summary>
internal static class JinjaFilters
{
    private static readonly Dictionary<string, Func<RenderState, JinjaArguments, object>> Table = Create();

    /// <summary>Applies a filter.</summary>
    /// <param name="state">The rendering.</param>
    /// <param name="name">The filter.</param>
    /// <param name="arguments">The value that is filtered, then the filter's arguments.</param>
    /// <exception cref="JinjaValueException">There is no such filter, or it does not fit.</exception>
    public static object Apply(RenderState state, string name, JinjaArguments arguments)
    {
        if (!Table.TryGetValue(name, out var filter)) throw new JinjaValueException($"the filter '{name}' is not supported");
        state.ChargeFor(arguments.Positional[0]);
        var result = filter(state, arguments);
        state.ChargeFor(result);
        return result;
    }

    private static Dictionary<string, Func<RenderState, JinjaArguments, object>> Create()
    {
        var table = new Dictionary<string, Func<RenderState, JinjaArguments, object>>(StringComparer.Ordinal);
        TextFilters.AddTo(table);
        NumberFilters.AddTo(table);
        SequenceFilters.AddTo(table);
        SelectionFilters.AddTo(table);
        return table;
    }
}
