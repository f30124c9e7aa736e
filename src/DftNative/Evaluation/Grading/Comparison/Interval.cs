using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>A part of the real line; an end without a node is infinite.</summary>
/// <param name="Lower">The lower end's value.</param>
/// <param name="LowerNode">The lower end as written.</param>
/// <param name="HasLower">Whether the lower end belongs to it.</param>
/// <param name="Upper">The upper end's value.</param>
/// <param name="UpperNode">The upper end as written.</param>
/// <param name="HasUpper">Whether the upper end belongs to it.</param>
internal sealed record Interval(double Lower, MathNode? LowerNode, bool HasLower, double Upper, MathNode? UpperNode, bool HasUpper)
{
    /// <summary>All real numbers.</summary>
    public static Interval Everything { get; } = new(double.NegativeInfinity, null, false, double.PositiveInfinity, null, false);

    /// <summary>Whether nothing lies in it.</summary>
    public bool IsEmpty => Lower > Upper || (Lower == Upper && !(HasLower && HasUpper));

    /// <summary>What lies in both.</summary>
    public Interval Intersect(Interval other)
    {
        var low = Lower > other.Lower || (Lower == other.Lower && !HasLower) ? this : other;
        var high = Upper < other.Upper || (Upper == other.Upper && !HasUpper) ? this : other;
        return new Interval(low.Lower, low.LowerNode, low.HasLower, high.Upper, high.UpperNode, high.HasUpper);
    }
}
