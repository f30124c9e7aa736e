using System.Globalization;
using System.Numerics;
using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>Values to 60 digits against published ones, and error bounds that hold.</summary>
internal sealed class FixedPointTests
{
    // OEIS A000796, A001113, A002193, A002580.
    [TestCase("\\pi", "3.14159265358979323846264338327950288419716939937510582097494")]
    [TestCase("e", "2.71828182845904523536028747135266249775724709369995957496697")]
    [TestCase("\\sqrt{2}", "1.41421356237309504880168872420969807856967187537694807317668")]
    [TestCase("\\sqrt[3]{2}", "1.25992104989487316476721060727822835057025146470150798008198")]
    public void ConstantsHaveTheirDigits(string expression, string digits)
    {
        var published = FixedPoint.From(new Rational(BigInteger.Parse(digits.Remove(1, 1), CultureInfo.InvariantCulture), BigInteger.Pow(10, digits.Length - 2)));
        var lastPlace = FixedPoint.From(Rational.PowerOfTen(2 - digits.Length));
        var value = Evaluate(expression)!.Value;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((value + -published).Abs().Mantissa, Is.LessThan(lastPlace.Mantissa));
            Assert.That(value.IsSharp, Is.True);
            Assert.That(value.Overlaps(published + lastPlace), Is.False);
        }
    }

    // Both sides are the same number: their bounds must say so, and be small.
    [TestCase("(1+\\sqrt{2})^{40}", "(\\sqrt{2}-1)^{-40}")]
    [TestCase("\\sqrt[3]{2+\\sqrt{5}}", "\\frac{1+\\sqrt{5}}{2}")]
    [TestCase("\\sqrt{10^{60}\\pi}", "10^{30}\\sqrt{\\pi}")]
    [TestCase("\\sqrt[3]{-7}", "-\\sqrt[3]{7}")]
    [TestCase("\\frac{1}{\\pi-3}", "\\frac{\\pi+3}{\\pi^2-9}")]
    [TestCase("8^{2/3} e^5", "4 e^2 \\cdot e^3")]
    [TestCase("|1-\\pi|", "\\pi-1")]
    public void BoundsHold(string left, string right)
    {
        var (first, second) = (Evaluate(left)!.Value, Evaluate(right)!.Value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.IsSharp && second.IsSharp, Is.True);
            Assert.That(first.Overlaps(second), Is.True);
            Assert.That((first + FixedPoint.From(Rational.PowerOfTen(-30))).Overlaps(second), Is.False);
        }
    }

    // Of π²⁵⁰, a number of 413 bits, no binary place behind the point is known.
    [TestCase("\\pi^{50}", true)]
    [TestCase("\\pi^{250}", false)]
    [TestCase("\\frac{1}{\\pi^{250}}", true)]
    public void LargeValuesAreBlurred(string expression, bool isSharp) => Assert.That(Evaluate(expression)!.Value.IsSharp, Is.EqualTo(isSharp));

    [TestCase("\\sqrt{-2}")]
    [TestCase("i")]
    [TestCase("\\ln 2")]
    [TestCase("\\frac{1}{\\sqrt{2}-\\sqrt{2}}")]
    [TestCase("2^{\\pi}")]
    [TestCase("(10^{900})^2")]
    [TestCase("\\pi^{300}")]
    [TestCase("\\sqrt[9]{2}")]
    public void OthersHaveNoValue(string expression) => Assert.That(Evaluate(expression), Is.Null);

    private static FixedPoint? Evaluate(string text) =>
        new PreciseEvaluator(new WorkBudget(), default).Evaluate(MathParser.Parse(MathLexer.Split(text, groupsCommas: false))!);
}
