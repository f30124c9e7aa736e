namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Numbers below a thousand in words.</summary>
internal static class NumberWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
        "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] Ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];

    private static readonly string[] Parts = ["half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    /// <summary>The number of the word: below twenty, or a multiple of ten below a hundred.</summary>
    /// <returns>Null if it names none.</returns>
    public static int? Cardinal(string word)
    {
        var index = Array.IndexOf(Small, word.ToLowerInvariant());
        return index >= 0 ? index : Ten(word);
    }

    /// <summary>The multiple of ten, 20 to 90, that the word names.</summary>
    /// <returns>Null if it names none.</returns>
    public static int? Ten(string word) => Array.IndexOf(Tens, word.ToLowerInvariant()) is >= 0 and var index ? 10 * (index + 2) : null;

    /// <summary>The number whose place the word names, as first to twelfth.</summary>
    /// <returns>Null if it names none.</returns>
    public static int? Ordinal(string word) => Array.IndexOf(Ordinals, word.ToLowerInvariant()) is >= 0 and var index ? index + 1 : null;

    /// <summary>How many of the part that the word names are one: a half, thirds, a quarter.</summary>
    /// <returns>Null if it names none.</returns>
    public static int? Part(string word)
    {
        var name = word.ToLowerInvariant();
        return name is "halves" ? 2 : Array.IndexOf(Parts, name.TrimEnd('s')) is >= 0 and var index ? index + 2 : null;
    }
}
