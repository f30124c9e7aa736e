using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathParser
{
    private MathNode ParseBrackets(string open)
    {
        switch (open)
        {
            case "{":
                return ParseGroup();
            case "\\{":
                return ParseSet();
            case "(" or "[" or "⟨":
                return ParseTuple();
            case "⌊":
                return ParseEnclosed(FunctionKind.Floor, "⌋");
            case "⌈":
                return ParseEnclosed(FunctionKind.Ceiling, "⌉");
            case "|":
                return ParseAbsoluteValue();
            default:
                throw Unexpected();
        }
    }

    // LaTeX's braces; in plain text those of a set.
    private MathNode ParseGroup()
    {
        Expect("{");
        var bars = openBars;
        openBars = 0;
        var items = ParseItems(out _);
        var group = items.Count == 1 ? items[0] : new GroupNode('{', '}', items);
        if (Current.IsCommand("over") || Current.IsCommand("choose"))
        {
            var isBinomial = Next().Text == "choose";
            var lower = ParseSum();
            group = isBinomial
                ? new FunctionNode(FunctionKind.Binomial, "", [group, lower])
                : new ProductNode([group, new PowerNode(lower, Number(-Rational.One))]);
        }

        Expect("}");
        openBars = bars;
        return group;
    }

    private MathNode ParseSet()
    {
        position++;
        if (TakeMark("\\}")) return new SymbolNode(SymbolNames.EmptySet);
        var bars = openBars;
        openBars = 0;

        // {x | x > 2} is what its condition says.
        var hasCondition = Current.Kind == MathTokenKind.Symbol && (Peek(1).IsMark("|") || Peek(1).IsMark(":"));
        if (hasCondition) position += 2;
        var items = ParseItems(out var isAlternative);
        Expect("\\}");
        openBars = bars;
        if (!hasCondition) return new GroupNode('{', '}', items);
        return items.Count == 1 ? items[0] : new ListNode(items, isAlternative);
    }

    private MathNode ParseTuple()
    {
        var open = Next().Text[0];
        var bars = openBars;
        openBars = 0;
        var items = ParseItems(out _);
        openBars = bars;
        var close = Next() is { Kind: MathTokenKind.Mark, Text: ")" or "]" or "⟩" } mark ? mark.Text[0] : throw Unexpected();
        var isGrouping = items.Count == 1 && ((open == '(' && close == ')') || (open == '[' && close == ']'));
        return isGrouping ? items[0] : new GroupNode(open, close, items);
    }

    private FunctionNode ParseEnclosed(FunctionKind kind, string close)
    {
        position++;
        var bars = openBars;
        openBars = 0;
        var operand = ParseSum();
        Expect(close);
        openBars = bars;
        return new FunctionNode(kind, "", [operand]);
    }

    private FunctionNode ParseAbsoluteValue()
    {
        position++;
        openBars++;
        var operand = ParseSum();
        Expect("|");
        openBars--;
        return new FunctionNode(FunctionKind.Abs, "", [operand]);
    }

    private MatrixNode ParseMatrix(string environment)
    {
        if (environment is not ("matrix" or "pmatrix" or "bmatrix" or "Bmatrix" or "smallmatrix" or "array")) throw Unexpected();
        var end = "end:" + environment;
        var elements = new List<MathNode>();
        var (rows, columns) = (0, 0);
        while (!Current.IsCommand(end))
        {
            var start = elements.Count;
            do
            {
                elements.Add(ParseStatement());
            }
            while (TakeMark("&"));
            if (rows > 0 && elements.Count - start != columns) throw Unexpected();
            columns = elements.Count - start;
            rows++;
            if (!TakeMark("\\\\") && !Current.IsCommand(end)) throw Unexpected();
        }

        position++;
        return rows > 0 ? new MatrixNode(rows, columns, elements) : throw Unexpected();
    }
}
