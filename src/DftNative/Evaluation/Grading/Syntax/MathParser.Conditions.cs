namespace DftNative.Evaluation.Grading.Syntax;

/// <content>Conditions that make a parameter an integer: k ∈ ℤ in brackets or in words.</content>
internal sealed partial class MathParser
{
    // The word in 2πk, where k is an integer; 2πk for k ∈ ℤ; 2πk for any integer k.
    private bool TakeConditionWord()
    {
        if (!StartsCondition()) return false;
        position++;
        return true;
    }

    private bool StartsCondition() =>
        Current.Kind == MathTokenKind.Word && Current.Text is "where" or "for" or "with" && (Peek(1).Kind == MathTokenKind.Symbol || IsQuantifier(Peek(1)) || IsIntegerWord(Peek(1)));

    // 2πk (k ∈ ℤ)
    private bool StartsBracketedCondition() => Current.IsMark("(") && Peek(1).Kind == MathTokenKind.Symbol && Peek(2).IsMark("∈");

    // k is an integer; any integer k
    private RelationNode? ParseIntegerCondition()
    {
        var start = position;
        while (IsQuantifier(Current)) position++;
        var isNamedFirst = IsIntegerWord(Current);
        if (isNamedFirst) position++;
        if (Current.Kind == MathTokenKind.Symbol)
        {
            var parameter = new SymbolNode(Next().Text);
            if (isNamedFirst || TakeIsInteger()) return new RelationNode([parameter, new SymbolNode(SymbolNames.Integers)], "∈");
        }

        position = start;
        return null;
    }

    private bool TakeIsInteger()
    {
        if (Current.Kind != MathTokenKind.Word || Current.Text != "is") return false;
        position++;
        while (IsQuantifier(Current)) position++;
        if (!IsIntegerWord(Current)) return false;
        position++;
        return true;
    }

    private static bool IsQuantifier(MathToken token) => token.Kind == MathTokenKind.Word && token.Text is "any" or "all" or "some" or "every" or "each" or "an";

    private static bool IsIntegerWord(MathToken token) => token.Kind == MathTokenKind.Word && token.Text is "integer" or "integers";
}
