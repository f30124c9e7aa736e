using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>Words cut by hand according to the patterns.</summary>
internal sealed class SplitterTests
{
    [TestCase("Hello world", "Hello| world")]
    [TestCase("I'm 'RE we'll", "I|'m| '|RE| we|'ll")]
    [TestCase("a  b", "a| | b")]
    [TestCase("a \n\n b", "a| \n\n| b")]
    [TestCase("x12345, y", "x|12345|,| y")]
    [TestCase("end   ", "end|   ")]
    [TestCase("\U00010437\U0001D400\U0001D7D8!", "\U00010437\U0001D400|\U0001D7D8|!")]
    public void Gpt2(string text, string words) => AssertWords(new Gpt2Splitter(), text, words);

    [TestCase("Hello world", "Hello| world")]
    [TestCase("I'm 'RE 'ſx", "I|'m| '|RE| '|ſx")]
    [TestCase("we'LL", "we|'LL")]
    [TestCase("it'ſ", "it|'ſ")]
    [TestCase("1234", "1|2|3|4")]
    [TestCase(" 12", " |1|2")]
    [TestCase("(word", "(word")]
    [TestCase("!!\r\n\nx", "!!\r\n\n|x")]
    [TestCase("a \n \n  b", "a| \n \n| | b")]
    [TestCase("\tx", "\tx")]
    [TestCase("\nx", "\n|x")]
    [TestCase("e\u0301a", "e|\u0301a")]
    [TestCase("x   ", "x|   ")]
    public void Qwen(string text, string words) => AssertWords(new ContractionWordSplitter(1), text, words);

    [TestCase("1234567", "123|456|7")]
    [TestCase("x12", "x|12")]
    public void Llama3(string text, string words) => AssertWords(new ContractionWordSplitter(3), text, words);

    private static void AssertWords(Splitter splitter, string text, string words)
    {
        var found = new List<string>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitter.FindEnd(text, start);
            found.Add(text[start..end]);
        }

        Assert.That(string.Join('|', found), Is.EqualTo(words));
    }
}
