using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

internal sealed class UnicodeNormalizerTests
{
    [TestCase("plain ascii and é", "plain ascii and é")]
    [TestCase("e\u0301", "é")]
    [TestCase("xe\u0301y", "xéy")]
    [TestCase("\u212B", "Å")]
    [TestCase("\u0344", "\u0308\u0301")]
    [TestCase("q\u0307\u0323", "q\u0323\u0307")]
    [TestCase("d\u0307\u0323", "ḍ\u0307")]
    [TestCase("a\u0328\u0301\u0323", "ą\u0323\u0301")]
    [TestCase("\u1112\u1161\u11AB", "한")]
    [TestCase("가\u11A8", "각")]
    [TestCase("\u0958", "\u0915\u093C")]
    [TestCase("か\u3099", "が")]
    [TestCase("\u0301a", "\u0301a")]
    [TestCase("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    [TestCase("\uD804\uDC99\uD804\uDCBA", "\uD804\uDC9A")]
    [TestCase("\u1E9B\u0323", "\u1E9B\u0323")]
    [TestCase("a\u1DF6\u0334", "a\u1DF6\u0334", Description = "younger than Unicode 9.0: not reordered, as in Hugging Face's tokenizers")]
    public void TextIsBroughtToFormC(string text, string expected) => Assert.That(UnicodeNormalizer.FormC.Normalize(text), Is.EqualTo(expected));

    [Test]
    public void ANormalTextIsReturnedItself()
    {
        const string text = "日本語 한국어 é 😀";
        Assert.That(UnicodeNormalizer.FormC.Normalize(text), Is.SameAs(text));
    }
}
