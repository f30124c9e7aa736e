using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>Polynomials made of known roots have as many different ones as were put in.</summary>
internal sealed class PolynomialTests
{
    [Test]
    public void RootsAreCountedWithoutMultiplicities([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var roots = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new Rational(random.Next(-4, 5), random.Next(1, 4))).ToList();
        var pairs = Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(1, 4)).ToList();
        var factors = roots.Select(root => $"(x-({root.Numerator}/{root.Denominator}))^{random.Next(1, 3)}").Concat(pairs.Select(square => $"(x^2+{square})"));
        var polynomial = Read(string.Concat(factors))!;
        Assert.Multiple(() =>
        {
            Assert.That(polynomial.CountRealRoots(new WorkBudget()), Is.EqualTo(roots.Distinct().Count()));
            Assert.That(polynomial.CountRoots(new WorkBudget()), Is.EqualTo(roots.Distinct().Count() + (2 * pairs.Distinct().Count())));
        });
    }

    [TestCase("2x^2 - 3x/4 + 5", new[] { "5/1", "-3/4", "2/1" })]
    [TestCase("(x+1)(x-1) - x^2", new[] { "-1/1" })]
    [TestCase("x - x", new string[0])]
    [TestCase("(2x)^3 \\cdot 2^{-3}", new[] { "0/1", "0/1", "0/1", "1/1" })]
    public void ExpressionsAreExpanded(string text, string[] coefficients)
    {
        var polynomial = Read(text)!;
        Assert.That(polynomial.Degree, Is.EqualTo(coefficients.Length - 1));
        Assert.That(coefficients.Select((_, power) => polynomial[power].ToString()), Is.EqualTo(coefficients));
    }

    [TestCase("x^{17}")]
    [TestCase("(x^5)^4")]
    [TestCase("\\sqrt{x}")]
    [TestCase("\\frac{1}{x}")]
    [TestCase("x y")]
    [TestCase("2^x")]
    [TestCase("\\pi x")]
    public void OthersAreNotRead(string text) => Assert.That(Read(text), Is.Null);

    [Test]
    public void LongCoefficientsEndTheWork() =>
        Assert.That(() => Read("(x + (10^{16})^{16})^{16}"), Throws.TypeOf<WorkExhaustedException>());

    private static Polynomial? Read(string text) => Polynomial.Of(MathParser.Parse(MathLexer.Split(text, groupsCommas: false))!, "x", new WorkBudget());
}
