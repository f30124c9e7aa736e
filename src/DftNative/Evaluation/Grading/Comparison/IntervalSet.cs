using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>A set of real numbers: disjoint intervals in order, from intervals, unions, inequalities or points.</summary>
internal sealed class IntervalSet
{
    private readonly List<Interval> intervals;

    private IntervalSet(IEnumerable<Interval> parts, string? variable)
    {
        intervals = Merge(parts);
        Variable = variable;
    }

    /// <summary>The variable of which inequalities speak, if there are any.</summary>
    public string? Variable { get; }

    /// <summary>The set that an answer describes.</summary>
    /// <returns>Null if it describes none, or one whose ends are no numbers.</returns>
    public static IntervalSet? Create(MathNode node, ExpressionComparer comparer, InequalitySolver solver) => node switch
    {
        GroupNode { IsSet: true } set => Points(set, comparer),
        GroupNode { Children: [var lower, var upper] } group when group.Open is '(' or '[' && group.Close is ')' or ']' =>
            Of(comparer, lower, group.Open == '[', upper, group.Close == ']') is { } interval ? new IntervalSet([interval], null) : null,
        SymbolNode { Name: SymbolNames.Reals } or SymbolNode { IsWord: true, Name: "allrealnumbers" or "allreals" or "allrealnumber" } => new IntervalSet([Interval.Everything], null),
        SymbolNode symbol when IsEmptySet(symbol) => new IntervalSet([], null),
        SetOperationNode operation => Combine(operation, comparer, solver),
        RelationNode { Signs: "∈", Children: [SymbolNode variable, var set] } => Create(set, comparer, solver) is { } described ? new IntervalSet(described.intervals, variable.Name) : null,
        RelationNode { IsInequality: true } inequality => FromInequality(inequality, comparer, solver),
        ListNode list => FromList(list, comparer, solver),
        _ => null,
    };

    /// <summary>Whether a symbol or its words say that there is nothing.</summary>
    public static bool IsEmptySet(SymbolNode symbol) => symbol.Name == SymbolNames.EmptySet || (symbol.IsWord && NothingInWords.Matches(symbol.Name));

    /// <summary>Whether both hold the same numbers.</summary>
    public bool IsSame(IntervalSet other, ExpressionComparer comparer)
    {
        if (Variable is not null && other.Variable is not null && Variable != other.Variable) return false;
        return intervals.Count == other.intervals.Count && intervals.Zip(other.intervals).All(pair => IsSame(pair.First, pair.Second, comparer));
    }

    private static bool IsSame(Interval left, Interval right, ExpressionComparer comparer) =>
        left.HasLower == right.HasLower && left.HasUpper == right.HasUpper
        && IsSameEnd(left.LowerNode, right.LowerNode, comparer) && IsSameEnd(left.UpperNode, right.UpperNode, comparer);

    private static bool IsSameEnd(MathNode? left, MathNode? right, ExpressionComparer comparer) =>
        left is null || right is null ? left is null && right is null : comparer.AreEqual(left, right);

    private static Interval? Of(ExpressionComparer comparer, MathNode lower, bool hasLower, MathNode upper, bool hasUpper)
    {
        if (EndOf(lower, comparer) is not { } low || EndOf(upper, comparer) is not { } high) return null;
        if (double.IsPositiveInfinity(low) || double.IsNegativeInfinity(high) || low > high) return null;
        return new Interval(
            low, double.IsInfinity(low) ? null : lower, hasLower && !double.IsInfinity(low),
            high, double.IsInfinity(high) ? null : upper, hasUpper && !double.IsInfinity(high));
    }

    private static double? EndOf(MathNode node, ExpressionComparer comparer) => node switch
    {
        SymbolNode { Name: SymbolNames.Infinity } => double.PositiveInfinity,
        SignNode { Sign: TermSign.Minus, Operand: SymbolNode { Name: SymbolNames.Infinity } } => double.NegativeInfinity,
        _ => comparer.RealValue(node),
    };

    private static IntervalSet? Points(GroupNode set, ExpressionComparer comparer)
    {
        var points = new List<Interval>();
        foreach (var item in set.Children)
        {
            if (Of(comparer, item, true, item, true) is not { LowerNode: not null } point) return null;
            points.Add(point);
        }

        return new IntervalSet(points, null);
    }

    private static IntervalSet? Combine(SetOperationNode operation, ExpressionComparer comparer, InequalitySolver solver)
    {
        if (Create(operation.Left, comparer, solver) is not { } left || Create(operation.Right, comparer, solver) is not { } right) return null;
        return new IntervalSet(operation.Operation switch
        {
            '∪' => left.intervals.Concat(right.intervals),
            '∩' => Intersect(left.intervals, right.intervals),
            _ => Intersect(left.intervals, Complement(right.intervals)),
        }, left.Variable ?? right.Variable);
    }

    // a < x ≤ b and its kin, of one variable between numbers.
    private static IntervalSet? FromInequality(RelationNode inequality, ExpressionComparer comparer, InequalitySolver solver)
    {
        if (Variables.FindOnly(inequality.Children) is not { } variable) return null;
        List<Interval> set = [Interval.Everything];
        for (var i = 0; i < inequality.Signs.Length; i++)
        {
            var (left, sign, right) = (inequality.Children[i], inequality.Signs[i], inequality.Children[i + 1]);
            if (IsVariable(right)) (left, sign, right) = (right, InequalitySolver.Mirror(sign), left);
            var part = IsVariable(left) && EndOf(right, comparer) is { } end ? HalfLine(sign, end, right) : solver.Solve(left, sign, right, variable);
            if (part is null) return null;
            set = Intersect(set, part);
        }

        return new IntervalSet(set, variable);

        bool IsVariable(MathNode node) => node is SymbolNode symbol && symbol.Name == variable;
    }

    private static List<Interval> HalfLine(char sign, double end, MathNode node)
    {
        var finite = double.IsInfinity(end) ? null : node;
        var below = new Interval(double.NegativeInfinity, null, false, end, finite, sign == '≤' && finite is not null);
        var above = new Interval(end, finite, sign == '≥' && finite is not null, double.PositiveInfinity, null, false);
        return sign switch { '<' or '≤' => [below], '>' or '≥' => [above], _ => [below, above] };
    }

    // x < 1 or x > 2 is a union; x > 1, x < 2 is what lies in both.
    private static IntervalSet? FromList(ListNode list, ExpressionComparer comparer, InequalitySolver solver)
    {
        if (!list.Children.All(item => item is RelationNode || (list.IsAlternative && item is GroupNode))) return null;
        var sets = new List<IntervalSet>();
        foreach (var item in list.Children)
        {
            if (Create(item, comparer, solver) is not { } set) return null;
            sets.Add(set);
        }

        if (sets.Any(set => set.Variable != sets[0].Variable)) return null;
        if (!list.IsAlternative)
        {
            var common = sets.Skip(1).Aggregate<IntervalSet, IEnumerable<Interval>>(sets[0].intervals, (intervals, set) => Intersect(intervals, set.intervals)).ToList();
            if (common.Count > 0) return new IntervalSet(common, sets[0].Variable);
        }

        return new IntervalSet(sets.SelectMany(set => set.intervals), sets[0].Variable);
    }

    private static List<Interval> Intersect(IEnumerable<Interval> left, IEnumerable<Interval> right)
    {
        var others = right.ToList();
        return [.. left.SelectMany(interval => others.Select(interval.Intersect)).Where(interval => !interval.IsEmpty)];
    }

    private static List<Interval> Complement(List<Interval> intervals)
    {
        List<Interval> rest = [Interval.Everything];
        foreach (var interval in intervals)
        {
            var below = new Interval(double.NegativeInfinity, null, false, interval.Lower, interval.LowerNode, !interval.HasLower && interval.LowerNode is not null);
            var above = new Interval(interval.Upper, interval.UpperNode, !interval.HasUpper && interval.UpperNode is not null, double.PositiveInfinity, null, false);
            var parts = new List<Interval>();
            if (interval.LowerNode is not null) parts.Add(below);
            if (interval.UpperNode is not null) parts.Add(above);
            rest = Intersect(rest, parts);
        }

        return rest;
    }

    private static List<Interval> Merge(IEnumerable<Interval> parts)
    {
        var merged = new List<Interval>();
        foreach (var part in parts.Where(part => !part.IsEmpty).OrderBy(part => part.Lower).ThenByDescending(part => part.HasLower))
        {
            if (merged.Count > 0 && merged[^1] is var last && (part.Lower < last.Upper || (part.Lower == last.Upper && (part.HasLower || last.HasUpper))))
            {
                var extends = part.Upper > last.Upper || (part.Upper == last.Upper && part.HasUpper);
                if (extends) merged[^1] = last with { Upper = part.Upper, UpperNode = part.UpperNode, HasUpper = part.HasUpper };
            }
            else
            {
                merged.Add(part);
            }
        }

        return merged;
    }
}
