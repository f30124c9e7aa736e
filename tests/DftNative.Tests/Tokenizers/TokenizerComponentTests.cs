using System.Globalization;
using System.Text;
using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>Each component of a tokenizer.json in the place of the fixture's own, against Hugging Face's tokenizers.</summary>
[Category("Slow")]
internal sealed class TokenizerComponentTests
{
    private const string Normalizer = "\"normalizer\": {\"type\": \"NFC\"}";

    private static readonly string[] Pieces =
    [
        " ", "  ", "\t", "\n", "\u00A0", "\u3000", "a", "Hello", " world", "the", "ing", "É", "e\u0301", "İ", "Σ", "ß", "ǅ", "ﬁ", "㎏", "Å", "①", "ẛ", "한국", "\u1112\u1161", "日本", "カ\u3099", "１２", "12", "7", "½", "²", "١",
        ".", ",", "!?", "«", "»", "$", "€", "+", "_", "-", "'s", "😀", "𝐀", "\u0301", "\u200D", "▁", "▁▁a", "<|im_end|>", "<think>", "\0",
    ];

    [TestCase("""{"type": "NFKC"}""")]
    [TestCase("""{"type": "NFD"}""")]
    [TestCase("""{"type": "NFKD"}""")]
    [TestCase("""{"type": "Lowercase"}""")]
    [TestCase("""{"type": "Strip", "strip_left": true, "strip_right": false}""")]
    [TestCase("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Prepend", "prepend": "x"}]}""")]
    [TestCase("""{"type": "Replace", "pattern": {"String": "a"}, "content": "bb"}""")]
    [TestCase("""{"type": "Replace", "pattern": {"Regex": "\\s+|\\p{Nd}"}, "content": " "}""")]
    public void Normalizers(string component) => AssertAlike(Normalizer, $"\"normalizer\": {component}");

    [TestCase("""{"type": "Digits", "individual_digits": true}""")]
    [TestCase("""{"type": "Digits", "individual_digits": false}""")]
    [TestCase("""{"type": "Punctuation", "behavior": "Contiguous"}""")]
    [TestCase("""{"type": "Whitespace"}""")]
    [TestCase("""{"type": "WhitespaceSplit"}""")]
    [TestCase("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""")]
    [TestCase("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""")]
    [TestCase("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithNext", "invert": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "\\s"}, "behavior": "Removed", "invert": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "\\w+|[^\\w\\s]+"}, "behavior": "Removed", "invert": true}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "\\d"}, "behavior": "Contiguous", "invert": true}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false}""")]
    [TestCase("""{"type": "Split", "pattern": {"Regex": "[\\p{Han}\\p{Hiragana}\\p{Katakana}]+|[\\p{L}&&[^\\p{Han}]]+"}, "behavior": "Isolated", "invert": false}""")]
    public void PreTokenizers(string component)
    {
        const string byteLevel = """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}""";
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.TokenizerDirectory, "tokenizer.json")));
        AssertAlike(
            document.RootElement.GetProperty("pre_tokenizer").GetRawText(),
            "{\"type\": \"Sequence\", \"pretokenizers\": [" + component + ", " + byteLevel + "]}");
    }

    private static void AssertAlike(string before, string after)
    {
        using var directory = Fixtures.Changed(before, after);
        var tokenizer = Tokenizer.Load(directory.FullName);
        var random = new Random(11);
        var mixtures = Enumerable.Range(0, 3000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 10)).Select(_ => Pieces[random.Next(Pieces.Length)])));
        var codePoints = Enumerable.Range(0, 0x30000 / 64).Select(block => string.Concat(Enumerable.Range(block * 64, 64)
            .Where(code => Rune.IsValid(code) && CharUnicodeInfo.GetUnicodeCategory(code) != UnicodeCategory.OtherNotAssigned).Select(code => "a" + new Rune(code))));
        var texts = mixtures.Concat(codePoints).Where(text => text.Length > 0).ToArray();
        var differences = texts.Zip(Oracles.Encode(directory.FullName, texts))
            .Where(pair => !tokenizer.Encode(pair.First).SequenceEqual(pair.Second.Ids))
            .Select(pair => $"{OracleEncoding.ToJson(pair.First)}: '{tokenizer.Decode(tokenizer.Encode(pair.First))}' for '{pair.Second.Text}'").ToArray();
        Assert.That(differences, Is.Empty, string.Join('\n', differences.Take(5)));
    }
}
