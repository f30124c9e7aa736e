using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>The variables of an expression.</summary>
internal static class Variables
{
    /// <summary>The one variable that expressions speak of.</summary>
    /// <returns>Null if there is none, or several.</returns>
    public static string? FindOnly(IEnumerable<MathNode> nodes)
    {
        var names = nodes.SelectMany(Names).Distinct(StringComparer.Ordinal).Take(2).ToList();
        return names.Count == 1 ? names[0] : null;
    }

    /// <summary>An expression at a value of its variable.</summary>
    public static MathNode Substitute(MathNode node, string variable, MathNode value)
    {
        if (node is SymbolNode symbol) return symbol.Name == variable ? value : node;
        return node.Children.Count == 0 ? node : node.WithChildren([.. node.Children.Select(child => Substitute(child, variable, value))]);
    }

    /// <summary>The names of its variables, as often as they occur.</summary>
    public static IEnumerable<string> Names(MathNode node) => node switch
    {
        SymbolNode { IsConstant: false } symbol => [symbol.Name],
        _ => node.Children.SelectMany(Names),
    };
}
