using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Compares a polynomial equation in one variable with the values that its variable is said to have.</summary>
/// <param name="expressions">Compares values.</param>
/// <param name="budget">Bounds the time.</param>
internal sealed class SolutionSet(ExpressionComparer expressions, WorkBudget budget)
{
    private static readonly NumberNode Zero = new(Rational.Zero, "");

    /// <summary>Whether one answer is such an equation, and the other names its real solutions, or all of them where one is not real.</summary>
    /// <returns>Null if they are not of these kinds.</returns>
    public bool? AreSame(MathNode left, MathNode right) => Solves(left, right) ?? Solves(right, left);

    private bool? Solves(MathNode equation, MathNode solutions)
    {
        if (equation is not RelationNode { Signs: "=", Children: [var first, var second] }) return null;
        if (Variables.FindOnly([first, second]) is not { } variable || ReadValues(equation) is not null) return null;
        if (ReadValues(solutions) is not ({ } name, var values)) return null;
        var difference = new SumNode([first, new SignNode(TermSign.Minus, second)]);
        if (Polynomial.Of(difference, variable, budget) is not { Degree: > 0 } polynomial) return null;
        if (name != variable) return false;
        var distinct = new List<MathNode>();
        foreach (var value in values)
        {
            if (!expressions.AreEqual(Variables.Substitute(difference, variable, value), Zero)) return false;
            if (!distinct.Exists(other => expressions.AreEqual(other, value))) distinct.Add(value);
        }

        var areReal = distinct.TrueForAll(value => expressions.RealValue(value) is not null);
        return distinct.Count == (areReal ? polynomial.CountRealRoots(budget) : polynomial.CountRoots(budget));
    }

    /// <summary>The values in x = 2, in x = 2 or x = −2, in x = 2, −2, and in x ∈ {2, −2}.</summary>
    private static (string Name, IReadOnlyList<MathNode> Values)? ReadValues(MathNode node)
    {
        switch (node)
        {
            case RelationNode { Signs: "=", Children: [SymbolNode { IsConstant: false, IsWord: false } name, var value] } when IsValue(value):
                return (name.Name, [value]);
            case RelationNode { Signs: "∈", Children: [SymbolNode { IsWord: false } name, GroupNode { IsSet: true } set] } when set.Children.All(IsValue):
                return (name.Name, set.Children);
            case ListNode list:
                if (ReadValues(list.Children[0]) is not ({ } variable, var first)) return null;
                var values = first.ToList();
                foreach (var item in list.Children.Skip(1))
                {
                    if (IsValue(item)) values.Add(item);
                    else if (ReadValues(item) is ({ } other, var more) && other == variable) values.AddRange(more);
                    else return null;
                }

                return (variable, values);
            default:
                return null;
        }
    }

    private static bool IsValue(MathNode node) => new ExpressionTraits().Add(node) is { IsNumeric: true, HasVariables: false };
}
