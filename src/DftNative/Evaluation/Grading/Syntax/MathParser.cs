using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Parses an answer's tokens by recursive descent: lists of relations of set operations of ratios of sums.</summary>
internal sealed partial class MathParser
{
    // Deeper nesting is no answer, and would cost stack.
    private const int MaxDepth = 64;
    private const int MaxPostfixes = 8;
    private const int MaxSetOperations = 64;

    private readonly List<MathToken> tokens;

    // Whether ]0, 1[ is an open interval.
    private readonly bool opensOutwards;
    private int position;
    private int depth;
    private int openBars;

    private MathParser(List<MathToken> tokens, bool opensOutwards) => (this.tokens, this.opensOutwards) = (tokens, opensOutwards);

    private MathToken Current => position < tokens.Count ? tokens[position] : default;

    private bool IsAtEnd => position >= tokens.Count;

    /// <summary>Parses a whole answer.</summary>
    /// <returns>Null if it is no mathematics that the parser knows.</returns>
    public static MathNode? Parse(List<MathToken> tokens) =>
        Parse(tokens, opensOutwards: false) ?? (tokens.Exists(token => token.IsMark("[")) || tokens.Exists(token => token.IsMark("]")) ? Parse(tokens, opensOutwards: true) : null);

    private static MathNode? Parse(List<MathToken> tokens, bool opensOutwards)
    {
        var parser = new MathParser(tokens, opensOutwards);
        try
        {
            var answer = parser.ParseList();
            return parser.IsAtEnd ? answer : null;
        }
        catch (MathSyntaxException)
        {
            return null;
        }
    }

    private static MathSyntaxException Unexpected() => new("no mathematics");

    private MathToken Next() => IsAtEnd ? throw Unexpected() : tokens[position++];

    private MathToken Peek(int offset) => position + offset < tokens.Count ? tokens[position + offset] : default;

    private bool TakeMark(string mark)
    {
        if (!Current.IsMark(mark)) return false;
        position++;
        return true;
    }

    private void Expect(string mark)
    {
        if (!TakeMark(mark)) throw Unexpected();
    }

    private void Enter()
    {
        if (++depth > MaxDepth) throw Unexpected();
    }

    private MathNode ParseList()
    {
        var items = ParseItems(out var isAlternative);
        return items.Count == 1 ? items[0] : new ListNode(items, isAlternative);
    }

    // Statements between separators; at least one.
    private List<MathNode> ParseItems(out bool isAlternative)
    {
        Enter();
        var items = new List<MathNode>();
        isAlternative = false;
        TakeSeparators(ref isAlternative);
        do
        {
            items.Add(ParseIntegerCondition() ?? ParseStatement());
        }
        while (TakeSeparators(ref isAlternative) && !IsClosing(Current));
        depth--;
        return items;
    }

    private bool TakeSeparators(ref bool isAlternative)
    {
        var start = position;
        while (true)
        {
            if (TakeMark("or")) isAlternative = true;
            else if (!TakeMark(",") && !TakeMark(";") && !TakeConditionWord()) return position > start || StartsBracketedCondition();
        }
    }

    private bool IsClosing(MathToken token) => IsAtEnd || (token.Kind == MathTokenKind.Mark && token.Text is ")" or "]" or "\\}" or "}" or "⟩");

    private MathNode ParseStatement()
    {
        Enter();
        var first = ParseSetOperation();
        if (RelationSign(Current) is '\0')
        {
            depth--;
            return first;
        }

        var operands = new List<MathNode> { first };
        var signs = "";
        while (RelationSign(Current) is var sign and not '\0')
        {
            position++;
            signs += sign;
            operands.Add(ParseSetOperation());
        }

        depth--;
        return new RelationNode(operands, signs);
    }

    private static char RelationSign(MathToken token) =>
        token.Kind == MathTokenKind.Mark && token.Text is "=" or "≠" or "<" or "≤" or ">" or "≥" or "∈" or "≡" or "≈" ? token.Text[0] : '\0';

    private MathNode ParseSetOperation()
    {
        var left = ParseRatio();
        var count = 0;
        while (Current.IsMark("∪") || Current.IsMark("∩") || Current.IsMark("∖") || Current.IsMark("-") || IsUnionLetter())
        {
            if (++count > MaxSetOperations) throw Unexpected();
            var operation = Next().Text[0] switch { 'U' => '∪', '-' => '∖', var mark => mark };
            left = new SetOperationNode(operation, left, ParseRatio());
        }

        return left;
    }

    // In plain text an intervals' union is written with the letter.
    private bool IsUnionLetter() =>
        Current.Kind == MathTokenKind.Symbol && Current.Text == "U" && position > 0
        && (tokens[position - 1].IsMark(")") || tokens[position - 1].IsMark("]") || tokens[position - 1].IsMark("\\}")) && (Peek(1).IsMark("(") || Peek(1).IsMark("[") || Peek(1).IsMark("\\{"));

    private MathNode ParseRatio()
    {
        var first = ParseSum();
        if (Current.IsCommand("over") || Current.IsCommand("choose")) return ParseOver(first);
        if (!TakeRatioSign()) return first;
        var parts = new List<MathNode> { first };
        do parts.Add(ParseSum());
        while (TakeRatioSign());
        return new RatioNode(parts);
    }

    // a \over b, and a \choose b
    private MathNode ParseOver(MathNode upper)
    {
        var isBinomial = Next().Text == "choose";
        var lower = ParseSum();
        return isBinomial ? new FunctionNode(FunctionKind.Binomial, "", [upper, lower]) : new ProductNode([upper, new PowerNode(lower, Number(-Rational.One))]);
    }

    // 3 to 4 and 3 out of 4 are ratios in words.
    private bool TakeRatioSign()
    {
        if (TakeMark(":")) return true;
        if (!IsRatioWord()) return false;
        position += Current.Text == "to" ? 1 : 2;
        return true;
    }

    private bool IsRatioWord() => Current.Kind == MathTokenKind.Word
        && ((Current.Text == "to" && Peek(1).Kind == MathTokenKind.Number) || (Current.Text == "out" && Peek(1).Text == "of" && Peek(2).Kind == MathTokenKind.Number));
}
