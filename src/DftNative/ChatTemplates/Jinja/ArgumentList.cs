namespace DftNative.ChatTemplates.Jinja;

/// <summary>The arguments of a call as the template writes them.</summary>
/// <param name="Positional">Expressions.</param>
/// <param name="Keywords">Named expressions.</param>
/// <param name="Unpacked">What <c>*</c> unpacks, or null.</param>
/// <param name="UnpackedKeywords">What <c>**</c> unpacks, or null.</param>
internal sealed record ArgumentList(
    IReadOnlyList<JinjaExpression> Positional,
    IReadOnlyList<KeyValuePair<string, JinjaExpression>> Keywords,
    JinjaExpression? Unpacked,
    JinjaExpression? UnpackedKeywords)
{
    /// <summary>No arguments.</summary>
    public static ArgumentList None { get; } = new([], [], null, null);

    /// <summary>Their values.</summary>
    /// <param name="state">The rendering.</param>
    /// <param name="first">What comes before them, such as a filter's value.</param>
    public JinjaArguments Evaluate(RenderState state, params ReadOnlySpan<object> first)
    {
        List<object> positional = [.. first];
        positional.AddRange(Positional.Select(argument => argument.Evaluate(state)));
        if (Unpacked is not null) positional.AddRange(JinjaAccess.Iterate(Unpacked.Evaluate(state)));
        var keywords = Keywords.Select(argument => KeyValuePair.Create(argument.Key, argument.Value.Evaluate(state))).ToList();
        if (UnpackedKeywords is not null)
        {
            if (UnpackedKeywords.Evaluate(state) is not JinjaMapping mapping) throw new JinjaValueException("what ** unpacks must be a dict");
            foreach (var (key, value) in mapping.Entries) keywords.Add(KeyValuePair.Create(key as string ?? throw new JinjaValueException("keywords must be texts"), value));
        }

        return new JinjaArguments(positional, keywords);
    }
}
