using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

internal sealed class RegularPatternTests
{
    private static readonly string[] Pieces =
    [
        "'s", "'S", "'ſ", "'LL", "'re", "'", " ", "  ", "\t", "\n", "\r\n", "\u0085", "\u00A0", "\u3000", "a", "Hello", "é", "e\u0301", "日本", "1", "123", "١٢", "½",
        "𝟘", "𐐷", "😀", "👩‍👧", ".", "!?", "<|", "\\", "_", "\0", "\uFFFD",
    ];

    [TestCase("a+b", "xaab", "aab")]
    [TestCase("a|ab", "ab", "a")]
    [TestCase("(?:a|ab)c", "abc", "abc")]
    [TestCase("a*+a", "aaa", null)]
    [TestCase("(?>a|ab)c", "abc", null)]
    [TestCase("a+?", "aaa", "a")]
    [TestCase("a+?b", "aaab", "aaab")]
    [TestCase("(?:ab){2,3}", "abababab", "ababab")]
    [TestCase("(?:ab){2,3}?", "abababab", "abab")]
    [TestCase("(?:ab)+?c", "ababc", "ababc")]
    [TestCase(@"\d{3}", "12345", "123")]
    [TestCase(@"\d{1,3}(?=(?:\d{3})*\b)", "1234567", "1")]
    [TestCase("x{,2}y", "xxxy", "xxy")]
    [TestCase("a{b", "a{b", "a{b")]
    [TestCase("(?<=a)b", "bab", "b")]
    [TestCase("(?<!a)b", "abb", "b")]
    [TestCase(@"\s+(?!\S)", "  a", " ")]
    [TestCase("(?i:k)", "\u212A", "\u212A")]
    [TestCase("(?i)straSSe", "STRAsse", "STRAsse")]
    [TestCase("(?i:[a-c]+)d", "AbCd", "AbCd")]
    [TestCase(@"[\p{L}&&[^\p{Han}]]+", "日ab本", "ab")]
    [TestCase(@"\p{Han}+", "a日本b", "日本")]
    [TestCase(@"[^\p{Hiragana}\p{Katakana}]", "がア漢", "漢")]
    [TestCase(@"\p{^L}", "a1", "1")]
    [TestCase(@"\P{L}", "a1", "1")]
    [TestCase(@"[[:alpha:]\]-]+", "1]-", "]-")]
    [TestCase(@"[一-龥぀-ゟ]+", "aの漢", "の漢")]
    [TestCase(@"\x{1F600}", "a😀", "😀")]
    [TestCase("[😀-😂]", "a😁", "😁")]
    [TestCase(".", "\n😀", "😀")]
    [TestCase(@"\bb", "ab b", "b")]
    [TestCase("b$", "ab", "b")]
    [TestCase("^b", "ab", null)]
    public void ThePatternIsFound(string pattern, string text, string? expected)
    {
        var isFound = RegularPattern.Parse(pattern).TryFind(text, 0, out var start, out var end);
        Assert.That(isFound ? text[start..end] : null, Is.EqualTo(expected));
    }

    [TestCase("(a")]
    [TestCase("a)")]
    [TestCase("[a")]
    [TestCase("*a")]
    [TestCase(@"\1")]
    [TestCase("(?<n>a)")]
    [TestCase("(?:a*)*")]
    [TestCase("(?<=a+)b")]
    [TestCase(@"\p{Nope}")]
    [TestCase("a{3,2}")]
    [TestCase("[b-a]")]
    [TestCase("((a{1000}){1000}){1000}")]
    public void WhatIsNotSupportedIsRefused(string pattern) => Assert.That(() => RegularPattern.Parse(pattern), Throws.TypeOf<FormatException>());

    [Test]
    public void APatternThatNeverEndsIsStopped() => Assert.That(
        () => RegularPattern.Parse("(?:a|aa)+b").TryFind(new string('a', 100), 0, out _, out _),
        Throws.TypeOf<DftNativeException>().With.Message.Contain("backtracks too much"));

    [Test]
    public void WordsCutByHandAreThoseOfThePattern()
    {
        (string Pattern, Splitter ByHand)[] all =
        [
            (Gpt2Splitter.Pattern, new Gpt2Splitter()), (ContractionWordSplitter.QwenPattern, new ContractionWordSplitter(1)), (ContractionWordSplitter.Llama3Pattern, new ContractionWordSplitter(3)),
        ];
        var random = new Random(3);
        foreach (var (source, byHand) in all)
        {
            var pattern = RegularPattern.Parse(source);
            for (var round = 0; round < 3000; round++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
                for (int start = 0, end; start < text.Length; start = end)
                {
                    end = byHand.FindEnd(text, start);
                    if (!pattern.TryFind(text, start, out var foundStart, out var foundEnd) || (foundStart, foundEnd) != (start, end))
                        Assert.Fail($"{OracleEncoding.ToJson(text)} at {start}: {end} by hand, {foundStart}..{foundEnd} by {source}");
                }
            }
        }
    }
}
