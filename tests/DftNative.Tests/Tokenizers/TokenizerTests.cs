using System.Text;
using DftNative.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace DftNative.Tests.Tokenizers;

internal sealed class TokenizerTests
{
    private static readonly Tokenizer Tokenizer = Fixtures.Tokenizer;

    [Test]
    public void MergesAreDoneByRank() =>
        Assert.That(TokensOf("Natalia sold clips"), Is.EqualTo(new[] { "N", "at", "al", "ia", "Ġsold", "Ġcl", "ips" }));

    [TestCase("<|im_start|>user", new[] { "<|im_start|>", "us", "er" })]
    [TestCase("a<think>", new[] { "a", "<think>" })]
    [TestCase("<|im_start", new[] { "<", "|", "im", "_", "st", "art" })]
    public void AddedTokensAreRecognised(string text, string[] expected) => Assert.That(TokensOf(text), Is.EqualTo(expected));

    [Test]
    public void LongWordsAreMergedAsShortOnes()
    {
        // The same word below and above the length at which the heap takes over, in pieces whose merges do not meet.
        var unit = Tokenizer.Encode("morning");
        var text = string.Concat(Enumerable.Repeat("morningX", 5000));
        var ids = Tokenizer.Encode(text);
        var short8 = Tokenizer.Encode("morningXmorningXmorningX");
        Assert.That(ids[..short8.Length], Is.EqualTo(short8));
        Assert.That(ids, Has.Length.EqualTo(short8.Length / 3 * 5000));
        Assert.That(unit, Is.Not.Empty);
    }

    [Test]
    public void AMegabyteOfOneLetterIsEncoded()
    {
        var text = new string('e', 1 << 20);
        Assert.That(Tokenizer.Decode(Tokenizer.Encode(text)), Is.EqualTo(text));
    }

    [Test]
    public void DecodingEncodedTextGivesItsNormalForm() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            // Unpaired surrogates, which the generator likes, are replaced.
            var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
            return Tokenizer.Decode(Tokenizer.Encode(wellFormed)) == UnicodeNormalizer.FormC.Normalize(wellFormed);
        }).QuickCheckThrowOnFailure();

    [Test]
    public void ThreadsDoNotChangeIds()
    {
        var texts = Enumerable.Range(0, 400).Select(i => $"Natalia sold {i} clips {new string((char)('a' + i % 26), i % 90)} in May").ToArray();
        var alone = texts.Select(text => Tokenizer.Encode(text)).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(texts.AsParallel().AsOrdered().Select(text => Tokenizer.Encode(text)).ToArray(), Is.EqualTo(alone));
            for (var threads = 0; threads < 4; threads++) Assert.That(Tokenizer.EncodeBatch(texts, threadCount: threads), Is.EqualTo(alone));
            Assert.That(() => Tokenizer.EncodeBatch(["a", "\uD800"]), Throws.TypeOf<DftNativeException>().With.Message.Contain("surrogate"));
        }
    }

    [Test]
    public void BytesThatAreNotUtf8AreReplaced()
    {
        var id = Tokenizer.TokenToId("Ã")!.Value;
        Assert.That(Tokenizer.Decode([id, Tokenizer.TokenToId("a")!.Value, 1 << 20]), Is.EqualTo("\uFFFDa"));
    }

    [Test]
    public void SpecialTokensCanBeLeftOut()
    {
        var ids = Tokenizer.Encode("<|im_start|>a<think>b<|im_end|>");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tokenizer.Decode(ids), Is.EqualTo("<|im_start|>a<think>b<|im_end|>"));
            Assert.That(Tokenizer.Decode(ids, skipSpecialTokens: true), Is.EqualTo("a<think>b"));
            Assert.That(Tokenizer.IsSpecial(ids[0]), Is.True);
        }
    }

    [Test]
    public void TheTemplateIsAppliedOnRequest()
    {
        using var directory = Fixtures.Changed(
            "post_processor\": {",
            """post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}], "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [5], "tokens": ["x"]}, "<|im_end|>": {"id": "<|im_end|>", "ids": [6], "tokens": ["y"]}}}, "unused": {""");
        var tokenizer = Tokenizer.Load(directory.FullName);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tokenizer.Encode("a", addSpecialTokens: true), Is.EqualTo(new[] { 5, tokenizer.TokenToId("a")!.Value, 6 }));
            Assert.That(tokenizer.Encode("a"), Has.Length.EqualTo(1));
        }
    }

    [TestCase("\"lstrip\": true, \"rstrip\": false", new[] { "x", "<think>", "Ġ", "Ġy" })]
    [TestCase("\"lstrip\": false, \"rstrip\": true", new[] { "x", "ĠĠ", "<think>", "y" })]
    public void WhiteSpaceAroundAnAddedTokenCanBeSwallowed(string flags, string[] expected)
    {
        using var directory = Fixtures.Changed(
            "\"<think>\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false", $"\"<think>\", \"single_word\": false, {flags}");
        Assert.That(TokensOf("x  <think>  y", Tokenizer.Load(directory.FullName)), Is.EqualTo(expected));
    }

    [TestCase("a <think> b", true)]
    [TestCase("a<think> b", false)]
    [TestCase("a <think>é", false)]
    [TestCase("<think>", true)]
    public void ASingleWordTokenStandsAlone(string text, bool isFound)
    {
        using var directory = Fixtures.Changed("\"<think>\", \"single_word\": false", "\"<think>\", \"single_word\": true");
        var tokenizer = Tokenizer.Load(directory.FullName);
        Assert.That(tokenizer.Encode(text).Contains(tokenizer.TokenToId("<think>")!.Value), Is.EqualTo(isFound));
    }

    [Test]
    public void ANormalizedTokenIsFoundInTheNormalForm()
    {
        using var directory = Fixtures.Changed("\"<think>\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false", "\"<é>\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": true");
        var tokenizer = Tokenizer.Load(directory.FullName);
        Assert.That(TokensOf("a<e\u0301>", tokenizer), Is.EqualTo(new[] { "a", "<é>" }));
    }

    [Test]
    public void AWholeWordCanIgnoreMerges()
    {
        using var directory = Fixtures.Changed("\"ignore_merges\": false, \"vocab\": {", "\"ignore_merges\": true, \"vocab\": {\"zqzq\": 4000, ");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tokenizer.Load(directory.FullName).Encode("zqzq"), Is.EqualTo(new[] { 4000 }));
            Assert.That(Tokenizer.Encode("zqzq"), Has.Length.EqualTo(4));
        }
    }

    [Test]
    public void MergesAreReadInTheOlderFormToo()
    {
        using var directory = Fixtures.Changed("[\"Ġ\", \"t\"]", "\"Ġ t\"");
        Assert.That(Tokenizer.Load(directory.FullName).Encode(" the morning"), Is.EqualTo(Tokenizer.Encode(" the morning")));
    }

    [Test]
    public void TheFilesBesideItAreRead()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tokenizer.EosTokenId, Is.EqualTo(Tokenizer.TokenToId("<|endoftext|>")));
            Assert.That(Tokenizer.BosTokenId, Is.Null);
            Assert.That(Tokenizer.ChatTemplate, Does.StartWith("{%- if tools %}"));
            Assert.That(Tokenizer.VocabularySize, Is.EqualTo(1261));
        }
    }

    [TestCase("\"normalizer\": {\"type\": \"NFC\"}", "\"normalizer\": {\"type\": \"Precompiled\"}", "normalizer Precompiled")]
    [TestCase("\"type\": \"Split\"", "\"type\": \"UnicodeScripts\"", "pre_tokenizer UnicodeScripts")]
    [TestCase("|\\\\s+(?!\\\\S)|", "|(?<name>a)|", "Split with the pattern")]
    [TestCase("|\\\\s+(?!\\\\S)|", "|\\\\p{Klingon}|", "\\p{Klingon} is not supported")]
    [TestCase("\"behavior\": \"Isolated\"", "\"behavior\": \"Doubled\"", "behavior Doubled")]
    [TestCase("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model Unigram")]
    [TestCase("\"continuing_subword_prefix\": \"\"", "\"continuing_subword_prefix\": \"##\"", "continuing_subword_prefix")]
    [TestCase("\"unk_token\": null", "\"unk_token\": \"<nothing>\"", "unk_token")]
    [TestCase("\"dropout\": null", "\"dropout\": 0.1", "dropout")]
    [TestCase("\"decoder\": {", "\"decoder\": {\"type\": \"WordPiece\"}, \"unused\": {", "decoder WordPiece")]
    [TestCase("\"post_processor\": {", "\"post_processor\": {\"type\": \"Unheard\"}, \"unused\": {", "post_processor Unheard")]
    [TestCase("[\"Ġ\", \"t\"]", "[\"Ġ\", \"nowhere\"]", "merge")]
    [TestCase("\"!\": 0", "\"!\": -1", "vocabulary")]
    [TestCase("\"!\": 0", "\"!\": 2000000000", "vocabulary")]
    [TestCase("\"merges\": [", "\"merges\": [[\"a\"], ", "merge 0")]
    [TestCase("\"model\": {", "\"model\": [{", "'model' is not an object")]
    [TestCase("\"normalizer\": {", "\"normalizer\": [{", "not valid JSON")]
    [TestCase("\"vocab\": {", "\"vocab\": 1, \"unused\": {", "wrong type")]
    public void WhatIsNotUnderstoodIsNamed(string before, string after, string named)
    {
        using var directory = Fixtures.Changed(before, after);
        var error = Assert.Throws<DftNativeException>(() => Tokenizer.Load(directory.FullName));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(error.Message, Does.Contain(named).And.Contain("tokenizer.json").And.Not.Contain("\n"));
        }
    }

    [Test]
    public void AMissingFileIsNamed() => Assert.That(
        () => Tokenizer.Load(Path.Combine(Fixtures.Folder, "nowhere")), Throws.TypeOf<DftNativeException>().With.Message.Contain("no tokenizer.json"));

    [Test]
    public void AnUnpairedSurrogateIsRefused() => Assert.That(
        () => Tokenizer.Encode("a😀\uD83Db"), Throws.TypeOf<DftNativeException>().With.Message.Contain("position 3"));

    private static string?[] TokensOf(string text, Tokenizer? tokenizer = null) =>
        [.. (tokenizer ?? Tokenizer).Encode(text).Select((tokenizer ?? Tokenizer).IdToToken)];
}
