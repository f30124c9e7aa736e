using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;
using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Whether two parsed answers mean the same; the first is a prediction, the second the reference.</summary>
internal sealed class AnswerComparer
{
    private const int MaxUnitPower = 10;

    private readonly ExpressionComparer expressions;
    private readonly SolutionSet solutions;
    private readonly InequalitySolver inequalities;
    private readonly WorkBudget budget;

    /// <summary>A comparer of two answers.</summary>
    /// <param name="budget">Bounds the time.</param>
    public AnswerComparer(WorkBudget budget)
    {
        this.budget = budget;
        expressions = new ExpressionComparer(budget);
        solutions = new SolutionSet(expressions, budget);
        inequalities = new InequalitySolver(expressions, budget);
    }

    /// <summary>Whether they mean the same.</summary>
    public bool AreEqual(MathNode prediction, MathNode answer)
    {
        var (left, right) = IntegerFamily.Align(MatrixArithmetic.Simplify(prediction), MatrixArithmetic.Simplify(answer));
        return Compare(SignExpansion.Expand(left), SignExpansion.Expand(right));
    }

    private bool Compare(MathNode prediction, MathNode answer)
    {
        budget.Spend(1);
        if (DescribesIntervals(prediction, answer) && IntervalSet.Create(prediction, expressions, inequalities) is { } left && IntervalSet.Create(answer, expressions, inequalities) is { } right)
            return left.IsSame(right, expressions);
        if ((prediction is RelationNode || answer is RelationNode) && solutions.AreSame(prediction, answer) is { } areSame) return areSame;
        if (prediction is RelationNode || answer is RelationNode) return new RelationComparer(expressions, Compare).AreEqual(prediction, answer);
        if (IsCollection(prediction) || IsCollection(answer)) return CompareCollections(prediction, answer);
        if (prediction is RatioNode || answer is RatioNode) return CompareRatios(prediction, answer);
        if (prediction is SetOperationNode first && answer is SetOperationNode second) return CompareOperations(first, second);
        if (prediction is BaseNumberNode || answer is BaseNumberNode) return CompareBases(prediction, answer);
        if (AsResidueClass(prediction) is not null || AsResidueClass(answer) is not null) return CompareResidues(prediction, answer);
        if (prediction is SymbolNode one && answer is SymbolNode other && one.IsSame(other)) return true;
        if (prediction is QuantityNode || answer is QuantityNode) return CompareQuantities(prediction, answer);
        return IsRounded(prediction, answer) || expressions.AreEqual(prediction, answer);
    }

    // (1,2) is a point as well as an interval, and {1} a set as well; at least one must be more than that.
    private static bool DescribesIntervals(MathNode prediction, MathNode answer) => Describes(prediction) || Describes(answer);

    private static bool Describes(MathNode node) => node switch
    {
        GroupNode { IsSet: false, Children.Count: 2 } group => (group.Open, group.Close) is not (('(', ')') or ('⟨', '⟩')) || Reaches(group.Children[0]) || Reaches(group.Children[1]),
        RelationNode relation => relation.IsInequality || relation.Signs == "∈",
        ListNode { IsAlternative: true } list when list.Children.All(item => item is GroupNode { IsSet: false }) => list.Children.Any(Describes),
        ListNode list => list.Children.All(item => item is RelationNode { IsInequality: true }),
        SetOperationNode or SymbolNode { Name: SymbolNames.Reals } => true,
        SymbolNode symbol => IntervalSet.IsEmptySet(symbol),
        _ => false,
    };

    private static bool Reaches(MathNode node) => node is SymbolNode { Name: SymbolNames.Infinity } or SignNode { Operand: SymbolNode { Name: SymbolNames.Infinity } };

    private static bool IsCollection(MathNode node) => node is ListNode or GroupNode or MatrixNode;

    // The set of the empty set is not empty.
    private static bool IsEmptySet(MathNode node) => node is SymbolNode symbol && IntervalSet.IsEmptySet(symbol);

    private static bool IsUnordered(MathNode node) => node is ListNode or GroupNode { IsSet: true };

    private bool CompareCollections(MathNode prediction, MathNode answer)
    {
        if (prediction is MatrixNode || answer is MatrixNode) return CompareMatrices(prediction, answer);
        if (prediction is GroupNode { IsSet: true, Children: [var only] } && !IsCollection(answer)) return !IsEmptySet(only) && Compare(only, answer);
        if (answer is GroupNode { IsSet: true, Children: [var single] } && !IsCollection(prediction)) return !IsEmptySet(single) && Compare(prediction, single);

        // 1/2 or 0.5 says one thing twice.
        if (prediction is ListNode && !IsCollection(answer)) return prediction.Children.All(item => Compare(item, answer));
        if (answer is ListNode && !IsCollection(prediction)) return answer.Children.All(item => Compare(prediction, item));
        if (!IsCollection(prediction) || !IsCollection(answer)) return false;
        if (prediction is GroupNode { IsSet: true } && answer is GroupNode { IsSet: true }) return Includes(prediction, answer) && Includes(answer, prediction);
        if (IsUnordered(prediction) && IsUnordered(answer)) return CompareUnordered(prediction.Children, answer.Children);

        // A tuple against a list without brackets is compared in order; a set is no tuple.
        if (prediction is GroupNode { IsSet: true } || answer is GroupNode { IsSet: true }) return false;
        if (prediction is GroupNode first && answer is GroupNode second && !HasSameBrackets(first, second)) return false;
        if (prediction is ListNode != answer is ListNode && (prediction as GroupNode ?? answer as GroupNode) is not { Open: '(', Close: ')' }) return false;
        return CompareOrdered(prediction.Children, answer.Children);
    }

    // [1, 2, 3] is a vector as (1, 2, 3) is; [1, 2] is a closed interval.
    private static bool HasSameBrackets(GroupNode left, GroupNode right) =>
        (Normalize(left.Open), Normalize(left.Close)) == (Normalize(right.Open), Normalize(right.Close))
        || (left.Children.Count != 2 && IsMatched(left) && IsMatched(right));

    private static bool IsMatched(GroupNode group) => (group.Open, group.Close) is ('(', ')') or ('[', ']') or ('⟨', '⟩');

    private static char Normalize(char bracket) => bracket switch { '⟨' => '(', '⟩' => ')', _ => bracket };

    private bool CompareOrdered(IReadOnlyList<MathNode> prediction, IReadOnlyList<MathNode> answer)
    {
        if (prediction.Count != answer.Count) return false;
        for (var i = 0; i < prediction.Count; i++)
            if (!Compare(prediction[i], answer[i])) return false;
        return true;
    }

    // A set has nothing twice, however often it is written.
    private bool Includes(MathNode set, MathNode part) => part.Children.All(item => set.Children.Any(candidate => Compare(item, candidate)));

    private bool CompareUnordered(IReadOnlyList<MathNode> prediction, IReadOnlyList<MathNode> answer)
    {
        if (prediction.Count != answer.Count) return false;
        var unmatched = answer.ToList();
        foreach (var item in prediction)
        {
            var match = unmatched.FindIndex(candidate => Compare(item, candidate));
            if (match < 0) return false;
            unmatched.RemoveAt(match);
        }

        return true;
    }

    private bool CompareMatrices(MathNode prediction, MathNode answer)
    {
        if (AsMatrix(prediction) is not { } left || AsMatrix(answer) is not { } right) return false;

        // A tuple is a column as well as a row.
        var isVector = (prediction is not MatrixNode || answer is not MatrixNode) && ((left.Rows == 1 && right.Columns == 1) || (left.Columns == 1 && right.Rows == 1));
        return (isVector || (left.Rows == right.Rows && left.Columns == right.Columns)) && CompareOrdered(left.Children, right.Children);
    }

    private static MatrixNode? AsMatrix(MathNode node)
    {
        if (node is MatrixNode matrix) return matrix;
        if (node is not GroupNode { IsSet: false } group) return null;
        if (!group.Children.All(row => row is GroupNode { IsSet: false } && row.Children.Count == group.Children[0].Children.Count)) return new MatrixNode(1, group.Children.Count, group.Children);
        return new MatrixNode(group.Children.Count, group.Children[0].Children.Count, [.. group.Children.SelectMany(row => row.Children)]);
    }

    private bool CompareOperations(SetOperationNode prediction, SetOperationNode answer)
    {
        if (prediction.Operation != answer.Operation) return false;
        if (prediction.Operation == '∖') return CompareOrdered(prediction.Children, answer.Children);
        return CompareUnordered(Operands(prediction, prediction.Operation), Operands(answer, answer.Operation));
    }

    private static List<MathNode> Operands(MathNode node, char operation) =>
        node is SetOperationNode nested && nested.Operation == operation ? [.. Operands(nested.Left, operation), .. Operands(nested.Right, operation)] : [node];

    private bool CompareRatios(MathNode prediction, MathNode answer)
    {
        if (prediction is RatioNode left && answer is RatioNode right)
        {
            if (left.Children.Count != right.Children.Count) return false;
            for (var i = 1; i < left.Children.Count; i++)
                if (!expressions.AreEqual(new ProductNode([left.Children[0], right.Children[i]]), new ProductNode([left.Children[i], right.Children[0]]))) return false;
            return true;
        }

        return AsQuotient(prediction) is { } first && AsQuotient(answer) is { } second && expressions.AreEqual(first, second);
    }

    private static MathNode? AsQuotient(MathNode node) => node switch
    {
        RatioNode { Children: [var left, var right] } => new ProductNode([left, new PowerNode(right, new NumberNode(-Rational.One, ""))]),
        RatioNode => null,
        _ => node,
    };

    // Without a base the digits must be the same: the problem says in which base.
    private bool CompareBases(MathNode prediction, MathNode answer)
    {
        if (prediction is BaseNumberNode left && answer is BaseNumberNode right) return left.Value == right.Value;
        var (number, other) = prediction is BaseNumberNode first ? (first, answer) : ((BaseNumberNode)answer, prediction);
        return other is NumberNode { LastPlace: null, Text.Length: > 0 } digits && digits.Text.TrimStart('0') == number.Digits.TrimStart('0');
    }

    private static FunctionNode? AsResidueClass(MathNode node) => node is FunctionNode { Kind: FunctionKind.Unknown, Name: FunctionNode.ResidueClass, Children.Count: 2 } residues ? residues : null;

    // The modulus may be left out, not changed.
    private bool CompareResidues(MathNode prediction, MathNode answer)
    {
        if (AsResidueClass(prediction) is not { } left) return Compare(prediction, answer.Children[0]);
        if (AsResidueClass(answer) is not { } right) return Compare(left.Children[0], answer);
        if (!Compare(left.Children[1], right.Children[1])) return false;
        if (expressions.ExactValue(left.Children[0]) is not { } first || expressions.ExactValue(right.Children[0]) is not { } second) return Compare(left.Children[0], right.Children[0]);
        return expressions.ExactValue(right.Children[1]) is { IsZero: false } modulus && ((first - second) / modulus).IsInteger;
    }

    private bool CompareQuantities(MathNode prediction, MathNode answer)
    {
        var (left, leftUnit) = SplitUnit(prediction);
        var (right, rightUnit) = SplitUnit(answer);
        if (leftUnit == rightUnit) return Compare(left, right);
        if (IsAngle(left) != IsAngle(right) && (!leftUnit.IsDimensionless || !rightUnit.IsDimensionless)) return false;
        if (leftUnit.IsNone || rightUnit.IsNone)
        {
            // The unit may be left out: the problem names it. A percentage is a number besides.
            if (Compare(left, right)) return true;
            return leftUnit.IsDimensionless && rightUnit.IsDimensionless && Compare(Scaled(left, leftUnit), Scaled(right, rightUnit));
        }

        return leftUnit.Dimensions == rightUnit.Dimensions && expressions.AreEqual(Scaled(left, leftUnit), Scaled(right, rightUnit));
    }

    // Beside a quantity, a number times letters that are units is one too: 5 m, 9.8 m/s^2.
    private static (MathNode Value, MeasureUnit Unit) SplitUnit(MathNode node)
    {
        if (node is QuantityNode quantity) return (quantity.Value, quantity.Unit);
        if (node is not ProductNode product) return (node, MeasureUnit.None);
        var unit = MeasureUnit.None;
        var values = new List<MathNode>();
        foreach (var factor in product.Children)
        {
            var (symbol, exponent) = AsUnitPower(factor);
            if (symbol is not null && Math.Abs(exponent) < MaxUnitPower && UnitTable.Find(symbol) is { } found) unit = unit.Times(found, exponent);
            else values.Add(factor);
        }

        return values.Count is 0 || new ExpressionTraits().Add(new ProductNode(values)).HasVariables ? (node, MeasureUnit.None) : (values.Count == 1 ? values[0] : new ProductNode(values), unit);
    }

    private static (string? Symbol, int Exponent) AsUnitPower(MathNode node) => node switch
    {
        SymbolNode { IsConstant: false } symbol => (symbol.Name, 1),
        PowerNode { Exponent: NumberNode { Value.IsInteger: true } exponent } power when exponent.Value.Abs() < new Rational(MaxUnitPower) && AsUnitPower(power.Operand) is ({ } name, var inner) =>
            (name, inner * (int)exponent.Value.Numerator),
        _ => (null, 0),
    };

    private static bool IsAngle(MathNode node) => node is FunctionNode { Kind: FunctionKind.Degrees };

    private static MathNode Scaled(MathNode value, MeasureUnit unit) =>
        unit.Factor == Rational.One ? value : new ProductNode([new NumberNode(unit.Factor, ""), value]);

    // A reference with three or more digits and a decimal point stands for every number that rounds to it.
    private bool IsRounded(MathNode prediction, MathNode answer)
    {
        var isNegative = false;
        while (answer is SignNode { Sign: TermSign.Minus } sign) (answer, isNegative) = (sign.Operand, !isNegative);
        if (answer is not NumberNode { LastPlace: { } place, SignificantDigits: >= 3 } rounded) return false;
        if (rounded.Value.IsInteger && rounded.Text.Length > 0) return false;
        var value = isNegative ? -rounded.Value : rounded.Value;
        var half = Rational.PowerOfTen(place) * new Rational(1, 2);
        if (expressions.ExactValue(prediction) is { } exact) return (exact - value).Abs() <= half;
        return expressions.RealValue(prediction) is { } real && Math.Abs(real - value.ToDouble()) <= half.ToDouble() * (1.0 + 1e-9);
    }
}
