using System.Globalization;
using System.Text;
using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>Ids and decoded text against Hugging Face's tokenizers, with the real tokenizer files.</summary>
[TestFixture("fixture")]
[TestFixture("gpt2")]
[TestFixture("qwen2_5")]
[TestFixture("qwen3")]
[TestFixture("llama3_1")]
[TestFixture("llama3_2")]
[Category("Slow")]
internal sealed class TokenizerOracleTests(string model)
{
    private static readonly string[] Pieces =
    [
        "'s", "'S", "'ſ", "'t", "'RE", "'ve", "'M", "'ll", "'Ll", "'D", "'", "''", " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n", "\n ", "\u0085",
        "\u00A0", "\u1680", "\u2003", "\u2028", "\u202F", "\u3000", "\u200B", "\uFEFF", "\v", "\f", "\u001C", "a", "Hello", " world", "ß", "ſ", "K", "é", "e\u0301",
        "e\u0323\u0307", "e\u0307\u0323", "\u0301", "ñ", "한국어", "\u1112\u1161\u11AB", "가\u11A8", "日本語", "が", "か\u3099", "ﷺ", "ﬁ", "Å", "\u212B", "\u2126", "\u0344",
        "हिन्दी", "क\u093C", "\u0958", "ไทย", "עִבְרִית", "العَرَبِيَّة", "1", "12", "123", "1234567890", "١٢٣", "½", "²", "Ⅷ", "𝟘", "𝐀𝒃", "𐐷", "𠀀", "😀", "👩‍👩‍👧", "🇩🇪", "❤️", "👍🏽",
        ".", ",", "!?", "...", "()", "{}", "<|", "|>", "$", "€", "+", "=", "\\", "\\frac{1}{2}", "_", "-", "\0", "\u0001", "\u007F", "\uE000", "\uFFFD", "\U000E0041", "\U0010FFFF",
        "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|begin_of_text|>", "<|eot_id|>", "<think>", "</think>", "<tool_call>", "<|im_start", "<|<|im_end|>|>",
    ];

    private string directory = "";
    private Tokenizer tokenizer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        directory = model == "fixture" ? Fixtures.TokenizerDirectory : Oracles.TokenizerDirectory(model);
        tokenizer = Tokenizer.Load(directory);
    }

    [Test]
    public void SharedDataIsEncodedAlike()
    {
        string[] files = ["gsm8k-train.jsonl", "gsm8k-test.jsonl", "math500.jsonl", "minerva-math.jsonl", "olympiadbench.jsonl"];
        AssertAlike(files.SelectMany(file => File.ReadLines(Oracles.SharedData(file))).SelectMany(StringsOf));
    }

    [Test]
    public void SourcesAreEncodedAlike() => AssertAlike(
        Directory.EnumerateFiles(Path.Combine(Oracles.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Oracles.Root, "tests"), "*", SearchOption.AllDirectories).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Test]
    public void EveryCodePointIsEncodedAlike() => AssertAlike(Enumerable.Range(0, 0xE0200 / 64).Select(block => block * 64)
        .Where(first => first is < 0xD800 or > 0xDFFF and < 0x32000 or >= 0xE0000)
        .SelectMany(first =>
        {
            var runes = Enumerable.Range(first, 64).Where(IsKnown).Select(code => new Rune(code).ToString()).ToArray();
            return new[] { string.Concat(runes), string.Join(' ', runes), string.Join("a\u0323", runes) };
        })
        .Where(text => text.Length > 0));

    [Test]
    public void AwkwardMixturesAreEncodedAlike()
    {
        var random = new Random(20250101);
        AssertAlike(Enumerable.Range(0, 20000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]))));
    }

    [Test]
    public void RandomTextIsEncodedAlike()
    {
        var random = new Random(7);
        var bytes = Enumerable.Range(0, 2000).Select(_ =>
        {
            var buffer = new byte[random.Next(1, 200)];
            random.NextBytes(buffer);
            return Encoding.UTF8.GetString(buffer);
        });
        var runes = Enumerable.Range(0, 4000).Select(_ =>
        {
            var limit = (1 << random.Next(7, 21)) + 0x10000;
            return string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(Math.Min(limit, 0x110000))).Where(IsKnown).Select(code => new Rune(code).ToString()));
        });
        var marks = Enumerable.Range(0, 4000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => (char)random.Next(0x2F0, 0x380))));
        AssertAlike(bytes.Concat(runes).Concat(marks).Where(text => text.Length > 0));
    }

    [Test]
    public void LongRunsAreEncodedAlike() => AssertAlike(
        new[] { "a", " ", "\n", "1", "é", "日", "=", "ab", " a", "\r\n", "e\u0301", "😀" }.SelectMany(unit => new[] { 63, 64, 65, 66, 1000, 5000 }.Select(count => string.Concat(Enumerable.Repeat(unit, count)))));

    private static bool IsKnown(int code) => Rune.IsValid(code) && CharUnicodeInfo.GetUnicodeCategory(code) != UnicodeCategory.OtherNotAssigned;

    private static IEnumerable<string> StringsOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String).Select(field => field.Value.GetString()!)];
    }

    private void AssertAlike(IEnumerable<string> texts)
    {
        var all = texts.ToArray();
        var compared = 0;
        var differences = new List<string>();
        foreach (var (text, oracle) in all.Zip(Oracles.Encode(directory, all)))
        {
            var ids = tokenizer.Encode(text);
            compared += ids.Length;
            var decoded = tokenizer.Decode(ids);
            if (!ids.SequenceEqual(oracle.Ids) || !tokenizer.Encode(text, addSpecialTokens: true).SequenceEqual(oracle.SpecialIds) || decoded != oracle.Text)
                differences.Add($"{OracleEncoding.ToJson(text)[..Math.Min(300, OracleEncoding.ToJson(text).Length)]}: {string.Join(' ', ids.Take(40))} for {string.Join(' ', oracle.Ids.Take(40))}");
        }

        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model}: {all.Length} texts, {compared} tokens, {differences.Count} differences"));
        Assert.That(differences, Is.Empty, string.Join('\n', differences.Take(10)));
    }
}
