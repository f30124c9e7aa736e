using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Answers with a parameter that is any integer, as <c>2πk, k ∈ ℤ</c>: the condition goes without saying, and the name does not count.</summary>
internal static class IntegerFamily
{
    /// <summary>Both answers without such conditions, and with one name for the parameter where at least one has a condition.</summary>
    public static (MathNode Prediction, MathNode Answer) Align(MathNode prediction, MathNode answer)
    {
        var (left, own) = Split(prediction);
        var (right, other) = Split(answer);
        if (own is null && other is null) return (prediction, answer);
        own ??= ParameterOf(left);
        other ??= ParameterOf(right);
        if (own is null || other is null || (own != other && Variables.Names(right).Contains(own, StringComparer.Ordinal))) return (left, right);
        return (left, Variables.Substitute(right, other, new SymbolNode(own)));
    }

    // Without a condition the parameter is the only letter that is one for integers.
    private static string? ParameterOf(MathNode answer)
    {
        var letters = Variables.Names(answer).Where(name => name is "k" or "n" or "m" or "l" or "j").Distinct(StringComparer.Ordinal).ToList();
        return letters.Count == 1 ? letters[0] : null;
    }

    private static (MathNode Answer, string? Parameter) Split(MathNode node)
    {
        if (node is not ListNode { Children.Count: > 1 } list || list.Children[^1] is not RelationNode { Signs: "∈", Children: [SymbolNode parameter, SymbolNode { Name: SymbolNames.Integers }] }) return (node, null);
        var items = list.Children.Take(list.Children.Count - 1).ToList();
        if (!items.Any(item => Variables.Names(item).Contains(parameter.Name, StringComparer.Ordinal))) return (node, null);
        return (items.Count == 1 ? items[0] : new ListNode(items, list.IsAlternative), parameter.Name);
    }
}
