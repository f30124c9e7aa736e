using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A number literal.</summary>
/// <param name="value">Its value.</param>
/// <param name="text">Its digits as written, which a base that follows gives another value.</param>
internal sealed class NumberNode(Rational value, string text) : MathNode
{
    /// <summary>The value of the decimal notation.</summary>
    public Rational Value { get; } = value;

    /// <summary>The digits as written.</summary>
    public string Text { get; } = text;

    /// <summary>Digits from the first that is not 0.</summary>
    public int SignificantDigits { get; init; }

    /// <summary>The unit of the last digit is 10 to this power; null for an integer without an exponent.</summary>
    public int? LastPlace { get; init; }
}
