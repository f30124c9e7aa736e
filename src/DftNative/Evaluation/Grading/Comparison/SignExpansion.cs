using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Writes an answer with ± as the two answers that it stands for.</summary>
internal static class SignExpansion
{
    /// <summary>The answer without ±: a list, or a list or set of more items.</summary>
    public static MathNode Expand(MathNode node)
    {
        if (!HasBothSigns(node)) return node;
        if (node is ListNode or GroupNode { IsSet: true }) return node is ListNode list ? new ListNode(ExpandItems(list.Children), list.IsAlternative) : new GroupNode('{', '}', ExpandItems(node.Children));
        return new ListNode([Choose(node, isUpper: true), Choose(node, isUpper: false)], isAlternative: true);
    }

    private static List<MathNode> ExpandItems(IReadOnlyList<MathNode> items)
    {
        var expanded = new List<MathNode>();
        foreach (var item in items)
        {
            if (!HasBothSigns(item)) expanded.Add(item);
            else expanded.AddRange([Choose(item, isUpper: true), Choose(item, isUpper: false)]);
        }

        return expanded;
    }

    private static bool HasBothSigns(MathNode node) => node is SignNode { Sign: not TermSign.Minus } || node.Children.Any(HasBothSigns);

    private static MathNode Choose(MathNode node, bool isUpper)
    {
        if (node.Children.Count == 0) return node;
        var children = node.Children.Select(child => Choose(child, isUpper)).ToList();
        if (node is not SignNode { Sign: not TermSign.Minus } sign) return node.WithChildren(children);
        return sign.Sign == TermSign.PlusMinus == isUpper ? children[0] : new SignNode(TermSign.Minus, children[0]);
    }
}
