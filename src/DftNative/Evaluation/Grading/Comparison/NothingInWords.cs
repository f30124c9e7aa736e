namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Ways to say in words that a set has no elements.</summary>
internal static class NothingInWords
{
    private static readonly string[] Introductions = ["thereare", "thereis", "thereexists", "thereexist", "ithas", "has"];
    private static readonly string[] Kinds = ["real", "such", "valid", "possible", "integer", "positive", "rational"];
    private static readonly string[] Nouns = ["solution", "root", "value", "answer", "zero", "integer", "number"];

    /// <summary>Whether words say so: "none", "no real solutions", "there are no solutions".</summary>
    /// <param name="words">The words without white space and articles, as the parser joins them.</param>
    public static bool Matches(string words)
    {
        var rest = words.ToLowerInvariant().AsSpan();
        if (rest is "none" or "emptyset" or "theemptyset") return true;
        TakeOne(ref rest, Introductions);
        if (!TakeOne(ref rest, ["no"])) return false;
        while (rest.Length > 0 && !IsNoun(rest)) if (!TakeOne(ref rest, Kinds)) return false;
        return IsNoun(rest);
    }

    private static bool IsNoun(ReadOnlySpan<char> word)
    {
        foreach (var ending in (ReadOnlySpan<string>)["exist", "exists"])
            if (word.EndsWith(ending)) word = word[..^ending.Length];
        return Array.Exists(Nouns, word.TrimEnd('s').ToString().Equals);
    }

    private static bool TakeOne(ref ReadOnlySpan<char> text, string[] choices)
    {
        foreach (var choice in choices)
        {
            if (!text.StartsWith(choice)) continue;
            text = text[choice.Length..];
            return true;
        }

        return false;
    }
}
