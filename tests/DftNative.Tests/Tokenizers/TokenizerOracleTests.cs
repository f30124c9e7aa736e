using System.Globalization;
using System.Text;
using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>Ids and decoded text against Hugging Face's tokenizers, with the real tokenizer files, and against SentencePiece.</summary>
[TestFixture("fixture")]
[TestFixture("gpt2")]
[TestFixture("qwen2_5")]
[TestFixture("qwen3")]
[TestFixture("llama2")]
[TestFixture("llama3")]
[TestFixture("llama3_1")]
[TestFixture("llama3_2")]
[TestFixture("mistral_nemo")]
[TestFixture("deepseek_v3")]
[TestFixture("gemma")]
[TestFixture("yi")]
[TestFixture("sentencepiece")]
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
        "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|begin_of_text|>", "<|eot_id|>", "<think>", "</think>", "<tool_call>", "<|im_start", "<|<|im_end|>|>", "<s>", "</s>", "<unk>", "<bos>", "▁", "▁▁a", "<0x41>", "<｜begin▁of▁sentence｜>", "<｜User｜>", "[INST]", "[/INST]",
    ];

    private string directory = "";
    private Tokenizer tokenizer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        directory = model is "fixture" ? Fixtures.TokenizerDirectory : model is "sentencepiece" ? Path.Combine(Fixtures.Folder, model) : Oracles.TokenizerDirectory(model);
        tokenizer = Tokenizer.Load(directory);
    }

    [Test]
    public void SharedDataIsEncodedAlike()
    {
        string[] files = ["gsm8k-train.jsonl", "gsm8k-test.jsonl", "math500.jsonl", "minerva-math.jsonl", "olympiadbench.jsonl"];
        AssertAlike("data", files.SelectMany(file => File.ReadLines(Oracles.SharedData(file))).SelectMany(StringsOf));
    }

    [Test]
    public void SourcesAreEncodedAlike() => AssertAlike("sources",
        Directory.EnumerateFiles(Path.Combine(Oracles.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Oracles.Root, "tests"), "*", SearchOption.AllDirectories).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Test]
    public void EveryCodePointIsEncodedAlike() => AssertAlike("code-points", Enumerable.Range(0, 0xE0200 / 64).Select(block => block * 64)
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
        AssertAlike("mixtures", Enumerable.Range(0, 20000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]))));
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
        AssertAlike("random", bytes.Concat(runes).Concat(marks).Where(text => text.Length > 0));
    }

    [Test]
    public void LongRunsAreEncodedAlike() => AssertAlike("runs",
        new[] { "a", " ", "\n", "1", "é", "日", "=", "ab", " a", "\r\n", "e\u0301", "😀" }.SelectMany(unit => new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 31, 33, 63, 64, 65, 66, 1000, 5000 }.Select(count => string.Concat(Enumerable.Repeat(unit, count)))));

    private static bool IsKnown(int code) => Rune.IsValid(code) && CharUnicodeInfo.GetUnicodeCategory(code) != UnicodeCategory.OtherNotAssigned;

    private static IEnumerable<string> StringsOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String).Select(field => field.Value.GetString()!)];
    }

    /// <summary>transformers' LlamaTokenizerFast, which DeepSeek names, adds the first token by add_bos_token, whatever tokenizer.json says.</summary>
    private IEnumerable<int> SpecialIdsOf(OracleEncoding oracle) =>
        model is "deepseek_v3" ? [tokenizer.BosTokenId!.Value, .. oracle.Ids] : oracle.SpecialIds!;

    private void AssertAlike(string corpus, IEnumerable<string> texts)
    {
        // SentencePiece itself does not look for control tokens in text; the models that use it do.
        var all = texts.Where(text => model is not "sentencepiece" || (!text.Contains("<s>", StringComparison.Ordinal) && !text.Contains("</s>", StringComparison.Ordinal) && !text.Contains("<unk>", StringComparison.Ordinal))).ToArray();
        var compared = 0;
        var differences = new List<string>();
        var oracles = model is "sentencepiece" ? Oracles.EncodeBySentencePiece(Path.Combine(directory, "tokenizer.model"), all) : Oracles.Encode(directory, all);
        foreach (var (text, oracle) in all.Zip(oracles))
        {
            var ids = tokenizer.Encode(text);
            compared += ids.Length;
            var decoded = tokenizer.Decode(ids);
            var isSpecialAlike = oracle.SpecialIds is null || tokenizer.Encode(text, addSpecialTokens: true).SequenceEqual(SpecialIdsOf(oracle));
            if (!ids.SequenceEqual(oracle.Ids) || !isSpecialAlike || decoded != oracle.Text)
                differences.Add($"{OracleEncoding.ToJson(text)[..Math.Min(300, OracleEncoding.ToJson(text).Length)]}: {string.Join(' ', ids.Take(40))} for {string.Join(' ', oracle.Ids.Take(40))}");
        }

        Oracles.Record(model, corpus, all.Length, compared, differences.Count);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model}: {all.Length} texts, {compared} tokens, {differences.Count} differences"));
        Assert.That(differences, Is.Empty, string.Join('\n', differences.Take(10)));
    }
}
