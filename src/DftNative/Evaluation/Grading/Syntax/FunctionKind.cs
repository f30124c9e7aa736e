namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>The functions an answer may use.</summary>
internal enum FunctionKind
{
    /// <summary>One of the problem's own, such as <c>f</c>: equal at equal arguments, and nothing else is known of it.</summary>
    Unknown,

    /// <summary>Sine.</summary>
    Sin,

    /// <summary>Cosine.</summary>
    Cos,

    /// <summary>Tangent.</summary>
    Tan,

    /// <summary>Cotangent.</summary>
    Cot,

    /// <summary>Secant.</summary>
    Sec,

    /// <summary>Cosecant.</summary>
    Csc,

    /// <summary>Inverse sine.</summary>
    Arcsin,

    /// <summary>Inverse cosine.</summary>
    Arccos,

    /// <summary>Inverse tangent.</summary>
    Arctan,

    /// <summary>Hyperbolic sine.</summary>
    Sinh,

    /// <summary>Hyperbolic cosine.</summary>
    Cosh,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>Exponential function.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Ln,

    /// <summary>Logarithm of the first argument to the base of the second.</summary>
    Log,

    /// <summary>Root of the first argument, of the degree of the second.</summary>
    Root,

    /// <summary>Absolute value.</summary>
    Abs,

    /// <summary>Largest integer not above.</summary>
    Floor,

    /// <summary>Smallest integer not below.</summary>
    Ceiling,

    /// <summary>Factorial.</summary>
    Factorial,

    /// <summary>The product of every second number down to 1 or 2.</summary>
    DoubleFactorial,

    /// <summary>The remainder of a division, of the divisor's sign.</summary>
    Remainder,

    /// <summary>A square matrix's determinant.</summary>
    Determinant,

    /// <summary>Binomial coefficient: first argument over second.</summary>
    Binomial,

    /// <summary>The smallest argument.</summary>
    Min,

    /// <summary>The largest argument.</summary>
    Max,

    /// <summary>Greatest common divisor.</summary>
    Gcd,

    /// <summary>Least common multiple.</summary>
    Lcm,

    /// <summary>An angle's number of degrees.</summary>
    Degrees,
}
