namespace DftNative.ChatTemplates.Jinja;

/// <summary>The arguments of a call.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Keywords">By name, in order.</param>
internal sealed record JinjaArguments(IReadOnlyList<object> Positional, IReadOnlyList<KeyValuePair<string, object>> Keywords)
{
    /// <summary>No arguments.</summary>
    public static JinjaArguments None { get; } = new([], []);

    /// <summary>Positional arguments.</summary>
    public static JinjaArguments Of(params object[] positional) => new(positional, []);

    /// <summary>The argument of that keyword, or null.</summary>
    public object? Find(string keyword)
    {
        foreach (var (name, value) in Keywords)
            if (name == keyword) return value;
        return null;
    }

    /// <summary>All but the first positional arguments.</summary>
    public JinjaArguments Skip(int count) => new([.. Positional.Skip(count)], Keywords);

    /// <summary>The arguments in the order of a function's parameters; null where one is not given.</summary>
    /// <param name="function">The function's name, for messages.</param>
    /// <param name="required">How many of the first must be given.</param>
    /// <param name="names">The parameters.</param>
    /// <exception cref="JinjaValueException">The arguments do not fit the parameters.</exception>
    public object?[] Bind(string function, int required, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length) throw new JinjaValueException($"{function} takes at most {names.Length} arguments, but {Positional.Count} are given");
        var values = new object?[names.Length];
        for (var i = 0; i < Positional.Count; i++) values[i] = Positional[i];
        foreach (var (name, value) in Keywords)
        {
            var index = names.IndexOf(name);
            if (index < 0) throw new JinjaValueException($"{function} takes no argument '{name}'");
            if (values[index] is not null) throw new JinjaValueException($"{function} is given the argument '{name}' twice");
            values[index] = value;
        }

        for (var i = 0; i < required; i++)
            if (values[i] is null) throw new JinjaValueException($"{function} lacks the argument '{names[i]}'");
        return values;
    }
}
