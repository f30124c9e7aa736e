namespace DftNative.Tests.Reference;

/// <summary>Gradients by central differences, the independent measure of a backward pass.</summary>
internal static class FiniteDifference
{
    /// <summary>
    /// What a correct gradient may differ by, relative to its tensor: the difference quotient is off by O(Step²), about
    /// 1e-8 of a third derivative, and by rounding of about 1e-16 / Step = 1e-12 of the function's value.
    /// </summary>
    public const double Tolerance = 1e-6;

    private const double Step = 1e-4;

    /// <summary>∂ function / ∂ x at the given elements.</summary>
    /// <param name="function">A function of <paramref name="x"/>, which is changed and restored between calls.</param>
    /// <param name="x">[n].</param>
    /// <param name="elements">Indices into x.</param>
    public static double[] Gradient(Func<double> function, double[] x, IEnumerable<int> elements) =>
        [.. elements.Select(i =>
        {
            var original = x[i];
            x[i] = original + Step;
            var above = function();
            x[i] = original - Step;
            var below = function();
            x[i] = original;
            return (above - below) / (2 * Step);
        })];

    /// <summary>∂ function / ∂ x.</summary>
    public static double[] Gradient(Func<double> function, double[] x) => Gradient(function, x, Enumerable.Range(0, x.Length));
}
