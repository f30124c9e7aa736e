using System.Numerics;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>An integer in a numeral system that is stated, such as <c>204_5</c>.</summary>
/// <param name="digits">Its digits, each below the base.</param>
/// <param name="radix">The base.</param>
internal sealed class BaseNumberNode(string digits, int radix) : MathNode
{
    /// <summary>The digits.</summary>
    public string Digits { get; } = digits;

    /// <summary>The base, 2 to 36.</summary>
    public int Radix { get; } = radix;

    /// <summary>What a digit stands for: 0 to 9, then A as 10 to F as 15.</summary>
    public static int DigitOf(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : digit - 'A' + 10;

    /// <summary>The integer.</summary>
    public BigInteger Value => Digits.Aggregate(BigInteger.Zero, (value, digit) => value * Radix + DigitOf(digit));
}
