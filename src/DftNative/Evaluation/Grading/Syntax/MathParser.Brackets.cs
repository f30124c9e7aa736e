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
            case "]" when opensOutwards:
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
        if (TakeMark("}")) return new SymbolNode(SymbolNames.EmptySet);
        var bars = openBars;
        openBars = 0;
        var items = ParseItems(out _);
        var group = items.Count == 1 ? items[0] : new GroupNode('{', '}', items);
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
        var namesReals = Peek(1).IsMark("∈") && Peek(2).Text == SymbolNames.Reals;
        var head = namesReals ? 3 : 1;
        var hasCondition = Current.Kind == MathTokenKind.Symbol && (Peek(head).IsMark("|") || Peek(head).IsMark(":"));
        if (hasCondition) position += head + 1;
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
        var close = Next() is { Kind: MathTokenKind.Mark, Text: ")" or "]" or "⟩" or "[" } mark ? mark.Text[0] : throw Unexpected();
        if (open == ']') open = '(';
        if (close == '[') close = opensOutwards ? ')' : throw Unexpected();
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

    private MathNode ParseMatrix(string environment)
    {
        if (environment is not ("vmatrix" or "matrix" or "pmatrix" or "bmatrix" or "Bmatrix" or "smallmatrix" or "array")) throw Unexpected();
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
        var matrix = rows > 0 ? new MatrixNode(rows, columns, elements) : throw Unexpected();
        return environment == "vmatrix" ? new FunctionNode(FunctionKind.Determinant, "", [matrix]) : matrix;
    }
}
