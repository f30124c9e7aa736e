using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>An answer's tokens and structure.</summary>
internal sealed class ParsedAnswer
{
    private readonly string text;

    /// <summary>Parses an answer.</summary>
    /// <param name="text">The answer, trimmed.</param>
    public ParsedAnswer(string text)
    {
        this.text = text;
        var commas = DigitGroups.Classify(text);
        IsAmbiguous = commas == DigitGrouping.WholeAnswer;
        (Tokens, Node) = Parse(commas != DigitGrouping.None);
    }

    /// <summary>The tokens; null where the text cannot be split.</summary>
    public List<MathToken>? Tokens { get; }

    /// <summary>The structure; null where it is no mathematics that the parser knows.</summary>
    public MathNode? Node { get; }

    /// <summary>Whether it is one number with grouped digits, as 100,200, which can be a list as well.</summary>
    public bool IsAmbiguous { get; }

    /// <summary>The structure with every comma as a separator.</summary>
    public MathNode? ParseAsList() => Parse(groupsCommas: false).Node;

    private (List<MathToken>? Tokens, MathNode? Node) Parse(bool groupsCommas)
    {
        try
        {
            var tokens = MathLexer.Split(text, groupsCommas);
            return (tokens, MathParser.Parse(tokens));
        }
        catch (MathSyntaxException)
        {
            return (null, null);
        }
    }
}
