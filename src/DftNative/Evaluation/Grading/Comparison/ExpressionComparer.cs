using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>
/// Whether two expressions have the same value: by exact fractions, by residues of large primes where they are rational,
/// and otherwise in double precision with error bounds, and to 256 binary places where there are only roots, π and e; with
/// variables, at several points.
/// </summary>
/// <param name="budget">Bounds the time.</param>
internal sealed class ExpressionComparer(WorkBudget budget)
{
    private const int PointCount = 12;
    private const int RequiredPoints = 3;
    private const double Slack = 4.0;
    private const double MaxIntegerError = 0.1;

    /// <summary>Whether the values are equal; with variables, wherever both have one.</summary>
    public bool AreEqual(MathNode left, MathNode right)
    {
        var traits = new ExpressionTraits().Add(left).Add(right);
        if (!traits.IsNumeric) return NodeText.Write(left) == NodeText.Write(right);
        if (AreEqual(left, right, traits, degreesAreNumbers: true)) return true;
        return traits.HasDegrees && AreEqual(left, right, traits, degreesAreNumbers: false);
    }

    /// <summary>Whether one expression is a constant multiple of the other, and not 0.</summary>
    /// <param name="left">An expression.</param>
    /// <param name="right">An expression.</param>
    /// <param name="needsPositiveFactor">Whether a negative factor does not count.</param>
    public bool AreProportional(MathNode left, MathNode right, bool needsPositiveFactor)
    {
        var traits = new ExpressionTraits().Add(left).Add(right);
        if (!traits.IsNumeric || !traits.HasVariables) return false;
        if (!needsPositiveFactor && ModularRatio(left, right) is { } isSame) return isSame;
        Approximation? ratio = null;
        var count = 0;
        for (var index = 0; index < PointCount; index++)
        {
            var evaluator = new ApproximateEvaluator(budget, new SamplePoint(index), traits.IsDiscrete, traits.HasImaginaryUnit, degreesAreNumbers: true);
            if (evaluator.Evaluate(left) is not { } upper || evaluator.Evaluate(right)?.Reciprocal() is not { } lower) continue;
            var quotient = upper * lower;
            if (quotient.Magnitude <= quotient.Error || (needsPositiveFactor && !(quotient.Value.Real > 0.0))) return false;
            if (ratio is { } first && !first.Equals(quotient, Slack)) return false;
            ratio ??= quotient;
            count++;
        }

        return count >= RequiredPoints;
    }

    /// <summary>The exact value of an expression without variables.</summary>
    public Rational? ExactValue(MathNode node) => new ExactEvaluator(budget, null, degreesAreNumbers: true).Evaluate(node);

    /// <summary>The real value of an expression without variables.</summary>
    /// <returns>Null where it has none.</returns>
    public double? RealValue(MathNode node)
    {
        if (ExactValue(node) is { } exact) return exact.ToDouble();
        var traits = new ExpressionTraits().Add(node);
        if (traits.HasVariables || !traits.IsNumeric) return null;
        return new ApproximateEvaluator(budget, default, usesIntegers: false, allowsComplex: true, degreesAreNumbers: true).Evaluate(node) is { IsSharp: true, IsReal: true } value
            ? value.Value.Real
            : null;
    }

    private bool AreEqual(MathNode left, MathNode right, ExpressionTraits traits, bool degreesAreNumbers)
    {
        var hasInteger = false;
        if (!traits.HasVariables)
        {
            var exact = new ExactEvaluator(budget, null, degreesAreNumbers);
            var (first, second) = (exact.Evaluate(left), exact.Evaluate(right));
            if (first is not null && second is not null) return first == second;
            hasInteger = first is { IsInteger: true } || second is { IsInteger: true };
        }

        if ((degreesAreNumbers || !traits.HasDegrees) && AreEqualModular(left, right) is { } isEqual) return isEqual;
        if (traits.IsDiscrete && traits.HasVariables) return AreEqualAtIntegers(left, right, traits, degreesAreNumbers);
        if (!traits.HasVariables && ArePreciselyEqual(left, right, default) is { } areSame) return areSame;
        var allowsComplex = !traits.HasVariables || traits.HasImaginaryUnit;
        if (hasInteger && IsCoarse(left, right, degreesAreNumbers)) return false;
        return AreEqualAtPoints(left, right, traits, allowsComplex, degreesAreNumbers)
            ?? (!allowsComplex && AreEqualAtPoints(left, right, traits, allowsComplex: true, degreesAreNumbers) == true);
    }

    // Whether double precision cannot tell an integer of this size from the next.
    private bool IsCoarse(MathNode left, MathNode right, bool degreesAreNumbers)
    {
        var evaluator = new ApproximateEvaluator(budget, default, usesIntegers: false, allowsComplex: true, degreesAreNumbers);
        return evaluator.Evaluate(left) is not { } first || evaluator.Evaluate(right) is not { } second || first.Error + second.Error > MaxIntegerError;
    }

    // Null where one has other functions than roots, or is known to too few places.
    private bool? ArePreciselyEqual(MathNode left, MathNode right, SamplePoint point)
    {
        var evaluator = new PreciseEvaluator(budget, point);
        return evaluator.Evaluate(left) is { IsSharp: true } first && evaluator.Evaluate(right) is { IsSharp: true } second ? first.Overlaps(second) : null;
    }

    private bool? AreEqualModular(MathNode left, MathNode right)
    {
        bool? isEqual = null;
        foreach (var prime in ModularEvaluator.Primes)
        {
            var evaluator = new ModularEvaluator(budget, prime, new SamplePoint(0));
            if (evaluator.Evaluate(left) is not { } first || evaluator.Evaluate(right) is not { } second) return null;
            if (first != second) return false;
            isEqual = true;
        }

        return isEqual;
    }

    // Null where one is not rational.
    private bool? ModularRatio(MathNode left, MathNode right)
    {
        foreach (var prime in ModularEvaluator.Primes)
        {
            var first = new ModularEvaluator(budget, prime, new SamplePoint(0));
            var second = new ModularEvaluator(budget, prime, new SamplePoint(1));
            if (first.Evaluate(left) is not { } left0 || first.Evaluate(right) is not { } right0 || second.Evaluate(left) is not { } left1 || second.Evaluate(right) is not { } right1) return null;
            if (left0 == 0 || right0 == 0 || first.Multiply(left0, right1) != first.Multiply(left1, right0)) return false;
        }

        return true;
    }

    private bool AreEqualAtIntegers(MathNode left, MathNode right, ExpressionTraits traits, bool degreesAreNumbers)
    {
        var count = 0;
        for (var index = 0; index < 2 * PointCount && count < 2 * RequiredPoints; index++)
        {
            var point = new SamplePoint(index);
            var exact = new ExactEvaluator(budget, point, degreesAreNumbers);
            if (exact.Evaluate(left) is { } first && exact.Evaluate(right) is { } second)
            {
                if (first != second) return false;
                count++;
                continue;
            }

            var evaluator = new ApproximateEvaluator(budget, point, usesIntegers: true, traits.HasImaginaryUnit, degreesAreNumbers);
            if (evaluator.Evaluate(left) is not { } one || evaluator.Evaluate(right) is not { } other) continue;
            if (!one.Equals(other, Slack)) return false;
            count++;
        }

        return count >= RequiredPoints;
    }

    // Null where too few points give both a value.
    private bool? AreEqualAtPoints(MathNode left, MathNode right, ExpressionTraits traits, bool allowsComplex, bool degreesAreNumbers)
    {
        var required = traits.HasVariables ? RequiredPoints : 1;
        var count = 0;
        for (var index = 0; index < PointCount && (traits.HasVariables || index == 0); index++)
        {
            var point = new SamplePoint(index);
            var evaluator = new ApproximateEvaluator(budget, point, usesIntegers: false, allowsComplex, degreesAreNumbers);
            if (evaluator.Evaluate(left) is not { } first || evaluator.Evaluate(right) is not { } second) continue;

            // A point at which rounding hides the values says nothing.
            if (traits.HasVariables && !(first.IsSharp && second.IsSharp)) continue;
            if (!first.Equals(second, Slack) || ArePreciselyEqual(left, right, point) == false) return false;
            count++;
        }

        return count >= required ? true : null;
    }
}
