using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Compares answers of which one at least is an equation, an inequality or a membership.</summary>
/// <param name="expressions">Compares values.</param>
/// <param name="compare">Compares whole answers: a prediction, a reference.</param>
internal sealed class RelationComparer(ExpressionComparer expressions, Func<MathNode, MathNode, bool> compare)
{
    /// <summary>Whether they mean the same.</summary>
    public bool AreEqual(MathNode prediction, MathNode answer)
    {
        prediction = Reduce(prediction);
        answer = Reduce(answer);
        if (prediction is RelationNode left && answer is RelationNode right) return left.IsEquation && right.IsEquation ? CompareEquations(left, right) : CompareOthers(left, right);
        if (prediction is RelationNode first) return NamedValue(first) is { } value && compare(value, answer);
        if (answer is RelationNode second) return NamedValue(second) is { } value && compare(prediction, value);
        return compare(prediction, answer);
    }

    // a = b = c says what its ends say; 2 + 3 = 5 is an answer of 5.
    private MathNode Reduce(MathNode node)
    {
        if (node is not RelationNode { IsEquation: true } relation) return node;

        // 2√3 ≈ 3.46: the value before the sign is the answer.
        var rounding = relation.Signs.IndexOf('≈', IsVariable(relation.Children[0]) ? 1 : 0);
        if (rounding == 0) return relation.Children[0];
        if (rounding > 0) relation = new RelationNode([.. relation.Children.Take(rounding + 1)], relation.Signs[..rounding]);
        var (first, last) = (relation.Children[0], relation.Children[^1]);
        if (IsVariable(first)) return relation.Children.Count == 2 ? relation : new RelationNode([first, last], "=");
        return IsName(last) ? new RelationNode([last, first], "=") : last;
    }

    private static bool IsVariable(MathNode node) => node is SymbolNode { IsConstant: false } or FunctionNode { Kind: FunctionKind.Unknown } || node.Children.Any(IsVariable);

    // The value in x = 5, f(x) = x + 1, x + y = 7, (x, y) = (1, 2), x ∈ S.
    private MathNode? NamedValue(RelationNode relation)
    {
        if (relation.Children.Count != 2) return null;
        var (left, right) = (relation.Children[0], relation.Children[1]);
        if (relation.Signs is "∈" or "≡") return left is SymbolNode ? right : null;
        if (!relation.IsEquation) return null;
        if (IsName(left)) return right;
        return IsName(right) && !IsVariable(left) ? left : null;
    }

    private static bool IsName(MathNode node) => node switch
    {
        SymbolNode symbol => !symbol.IsConstant,
        FunctionNode function => function.Children.All(argument => IsName(argument) || (function.Kind == FunctionKind.Unknown && argument is NumberNode or RelationNode or SetOperationNode)),
        GroupNode { IsSet: false } group => group.Children.All(item => item is SymbolNode { IsConstant: false }),
        SumNode sum => sum.Children.All(term => term is SymbolNode { IsConstant: false }),
        ProductNode product => product.Children.All(factor => factor is SymbolNode or ProductNode or PowerNode && IsName(factor)),

        // dy/dx
        PowerNode { Exponent: NumberNode { Value.Sign: < 0 } } quotient => IsName(quotient.Operand),
        _ => false,
    };

    private bool CompareEquations(RelationNode prediction, RelationNode answer)
    {
        var (left, right) = (prediction.Children[0], prediction.Children[1]);
        var (otherLeft, otherRight) = (answer.Children[0], answer.Children[1]);
        if (Definition(left) is { } own && Definition(otherLeft) is { } other)
            return own.Name == other.Name && own.Parameters.Count == other.Parameters.Count && compare(Rename(right, own.Parameters), Rename(otherRight, other.Parameters));
        if (IsGraphOf(left, otherLeft, right) || IsGraphOf(otherLeft, left, otherRight)) return compare(right, otherRight);
        if (IsSame(left, otherLeft)) return compare(right, otherRight);
        if (IsSame(left, otherRight)) return compare(right, otherLeft);
        if (IsSame(right, otherLeft)) return compare(left, otherRight);
        if (left is GroupNode || otherLeft is GroupNode) return false;
        return expressions.AreProportional(Difference(left, right), Difference(otherLeft, otherRight), needsPositiveFactor: false);
    }

    private static bool IsSame(MathNode left, MathNode right) => IsName(left) && IsName(right) && NodeText.Write(left) == NodeText.Write(right);

    // f(x) = …: the parameters' names say nothing.
    private static (string Name, List<string> Parameters)? Definition(MathNode node) =>
        node is FunctionNode { Kind: FunctionKind.Unknown } function && function.Children.All(argument => argument is SymbolNode { IsConstant: false })
            ? (function.Name, function.Children.Select(argument => ((SymbolNode)argument).Name).ToList())
            : null;

    // y = 2x is what f(x) = 2x draws.
    private static bool IsGraphOf(MathNode name, MathNode other, MathNode value) =>
        name is SymbolNode { Name: "y" } && Definition(other) is { Parameters: ["x"] } && Variables.FindOnly([value]) is "x" or null;

    private static MathNode Rename(MathNode node, List<string> parameters)
    {
        if (node is SymbolNode symbol && parameters.IndexOf(symbol.Name) is var index and >= 0) return new SymbolNode(FormattableString.Invariant($"parameter{index}"));
        return node.Children.Count == 0 ? node : node.WithChildren([.. node.Children.Select(child => Rename(child, parameters))]);
    }

    private static SumNode Difference(MathNode left, MathNode right) => new([left, new SignNode(TermSign.Minus, right)]);

    private bool CompareOthers(RelationNode prediction, RelationNode answer)
    {
        var left = Oriented(prediction);
        var right = Oriented(answer);
        if (left.Signs != right.Signs || left.Children.Count != right.Children.Count) return false;
        var matches = true;
        for (var i = 0; i < left.Children.Count && matches; i++) matches = compare(left.Children[i], right.Children[i]);
        if (matches) return true;
        if (left.Signs is not ("<" or "≤" or "≠")) return false;
        return expressions.AreProportional(Difference(left.Children[0], left.Children[1]), Difference(right.Children[0], right.Children[1]), left.Signs != "≠");
    }

    private static RelationNode Oriented(RelationNode relation)
    {
        if (relation.Signs.AsSpan().IndexOfAny('>', '≥') < 0) return relation;
        var signs = new string([.. relation.Signs.Reverse().Select(sign => sign switch { '>' => '<', '≥' => '≤', '<' => '>', '≤' => '≥', _ => sign })]);
        return new RelationNode([.. relation.Children.Reverse()], signs);
    }
}
