namespace DftNative.Tokenizers;

/// <summary>
/// A regular expression over code points (.NET's own sees UTF-16 units), for the part of Oniguruma's syntax that
/// tokenizers use. Matching backtracks, as Oniguruma's does, so that the same alternative wins.
/// </summary>
internal sealed class RegularPattern : TextPattern
{
    /// <summary>Per UTF-16 unit of a text; patterns in use take a few, so more means a pattern that would never end.</summary>
    private const long StepsPerUnit = 2000;

    private readonly string source;
    private readonly PatternStep[] steps;

    private RegularPattern(string source, PatternStep[] steps) => (this.source, this.steps) = (source, steps);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="FormatException">It is malformed or uses what is not supported; the message says what and where.</exception>
    public static RegularPattern Parse(string source) => new(source, new PatternCompiler().Compile(new PatternParser(source).Parse()));

    /// <inheritdoc/>
    /// <exception cref="DftNativeException">The pattern backtracks too much on this text.</exception>
    public override bool TryFind(ReadOnlySpan<char> text, int position, out int start, out int end)
    {
        var matcher = new PatternMatcher(steps, text, StepsPerUnit * (text.Length - position + 1000));
        for (start = position; start < text.Length; start += CodePoints.LengthAt(text, start))
        {
            end = matcher.Match(0, start);
            if (end > start) return true;
            if (end == PatternMatcher.OutOfSteps)
                throw new DftNativeException(ExitCode.InvalidInput, $"the tokenizer's pattern '{source}' backtracks too much on a text of {text.Length} UTF-16 units; shorten the text");
        }

        end = start;
        return false;
    }
}
