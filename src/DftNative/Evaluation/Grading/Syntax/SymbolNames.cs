namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Names of symbols that mean something by themselves.</summary>
internal static class SymbolNames
{
    /// <summary>The ratio of a circle's circumference to its diameter.</summary>
    public const string Pi = "pi";

    /// <summary>Euler's number.</summary>
    public const string Euler = "e";

    /// <summary>The square root of −1.</summary>
    public const string ImaginaryUnit = "i";

    /// <summary>Infinity.</summary>
    public const string Infinity = "infty";

    /// <summary>The real numbers.</summary>
    public const string Reals = "R:set";

    /// <summary>The integers.</summary>
    public const string Integers = "Z:set";

    /// <summary>The set without elements.</summary>
    public const string EmptySet = "emptyset";
}
