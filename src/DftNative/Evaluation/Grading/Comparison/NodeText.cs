using System.Globalization;
using System.Text;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>A parsed answer in one spelling: two of the same structure have the same text.</summary>
internal static class NodeText
{
    /// <summary>The text.</summary>
    public static string Write(MathNode node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    private static void Append(StringBuilder text, MathNode node)
    {
        text.Append(node switch
        {
            NumberNode number => number.Value.ToString(),
            BaseNumberNode number => string.Create(CultureInfo.InvariantCulture, $"{number.Digits}_{number.Radix}"),
            SymbolNode symbol => symbol.Name,
            SignNode sign => sign.Sign.ToString(),
            FunctionNode function => function.Kind + function.Name,
            GroupNode group => string.Create(CultureInfo.InvariantCulture, $"{group.Open}{group.Close}"),
            SetOperationNode operation => operation.Operation.ToString(),
            RelationNode relation => relation.Signs,
            MatrixNode matrix => string.Create(CultureInfo.InvariantCulture, $"{matrix.Rows}x{matrix.Columns}"),
            _ => node.GetType().Name,
        });
        if (node.Children.Count == 0) return;
        text.Append('(');
        foreach (var child in node.Children)
        {
            Append(text, child);
            text.Append(',');
        }

        text.Append(')');
    }
}
