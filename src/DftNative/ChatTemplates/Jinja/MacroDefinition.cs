namespace DftNative.ChatTemplates.Jinja;

/// <summary>A macro, or the body of a call block.</summary>
/// <param name="name">For messages.</param>
/// <param name="parameters">Names, each with its default or null.</param>
/// <param name="body">What a call runs.</param>
/// <param name="usedNames">Names that the body uses: which of caller, varargs and kwargs it takes.</param>
internal sealed class MacroDefinition(
    string name, IReadOnlyList<(string Name, JinjaExpression? Default)> parameters, IReadOnlyList<JinjaStatement> body, IReadOnlySet<string> usedNames)
{
    /// <summary>The macro as a function that sees the names of <paramref name="around"/>.</summary>
    public JinjaCallable Bind(JinjaScope around) => new(name, (state, arguments) =>
    {
        var values = BindArguments(arguments, out var specials);
        return state.Capture(around, body, scope =>
        {
            foreach (var (special, value) in specials) scope.Set(special, value);
            for (var i = 0; i < parameters.Count; i++)
                if (values[i] is { } value) scope.Set(parameters[i].Name, value);
            for (var i = 0; i < parameters.Count; i++)
                if (values[i] is null) scope.Set(parameters[i].Name, parameters[i].Default?.Evaluate(state) ?? new JinjaUndefined($"parameter '{parameters[i].Name}' was not provided"));
        });
    });

    private object?[] BindArguments(JinjaArguments arguments, out Dictionary<string, object> specials)
    {
        var values = new object?[parameters.Count];
        var keywords = new List<KeyValuePair<string, object>>(arguments.Keywords);
        for (var i = 0; i < parameters.Count; i++)
        {
            if (i < arguments.Positional.Count)
            {
                values[i] = arguments.Positional[i];
                continue;
            }

            var index = keywords.FindIndex(keyword => keyword.Key == parameters[i].Name);
            if (index < 0) continue;
            values[i] = keywords[index].Value;
            keywords.RemoveAt(index);
        }

        specials = [];
        if (usedNames.Contains("caller") && parameters.All(parameter => parameter.Name != "caller"))
        {
            specials["caller"] = arguments.Find("caller") ?? new JinjaUndefined("no caller defined");
            keywords.RemoveAll(static keyword => keyword.Key == "caller");
        }

        if (usedNames.Contains("kwargs"))
            specials["kwargs"] = new JinjaMapping(keywords.Select(static keyword => KeyValuePair.Create<object, object>(keyword.Key, keyword.Value)));
        else if (keywords.Count > 0)
            throw new JinjaValueException($"macro '{name}' takes no keyword argument '{keywords[0].Key}'");
        if (usedNames.Contains("varargs"))
            specials["varargs"] = JinjaSequence.Tuple([.. arguments.Positional.Skip(parameters.Count)]);
        else if (arguments.Positional.Count > parameters.Count)
            throw new JinjaValueException($"macro '{name}' takes at most {parameters.Count} arguments, but {arguments.Positional.Count} are given");
        return values;
    }
}
