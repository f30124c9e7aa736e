using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>The committed SentencePiece model (tests/oracles/make_sentencepiece_fixture.py); expected ids are SentencePiece's.</summary>
internal sealed class SentencePieceTests
{
    private static readonly string Folder = Path.Combine(Fixtures.Folder, "sentencepiece");
    private static readonly Tokenizer Tokenizer = Tokenizer.Load(Folder);

    [TestCase("Hello  world", new[] { 902, 391, 312, 259, 1941, 270, 1055 })]
    [TestCase("public static int 123", new[] { 821, 383, 357, 1913, 1961, 1969, 1980 })]
    [TestCase("日本 é", new[] { 1913, 233, 154, 168, 233, 159, 175, 1913, 198, 172 })]
    [TestCase("\n a", new[] { 1913, 13, 328 })]
    [TestCase("", new int[0])]
    public void IdsAreSentencePieces(string text, int[] expected)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tokenizer.Encode(text), Is.EqualTo(expected));
            Assert.That(Tokenizer.Encode(text, addSpecialTokens: true), Is.EqualTo((int[])[1, .. expected]));
            Assert.That(Tokenizer.Decode(expected), Is.EqualTo(text));
        }
    }

    [Test]
    public void ControlTokensAreFoundInText() => Assert.That(Tokenizer.Encode("</s>"), Is.EqualTo(new[] { 2 }));

    [Test]
    public void BoundariesAreFollowedThroughTheMarks()
    {
        const string text = "Hello  world日";
        var encoded = Tokenizer.Encode(text, [0, 7, 12, 13], addSpecialTokens: false);
        Assert.That(encoded.FirstTokens.Select(first => Tokenizer.Decode(encoded.Ids[first..])), Is.EqualTo(new[] { "Hello  world日", "world日", "日", "" }));
    }

    [TestCase('a')]
    [TestCase(' ')]
    [TestCase('▁')]
    [TestCase('日')]
    public void AMegabyteOfOneCharacterIsEncoded(char unit)
    {
        var text = new string(unit, 1 << 20);
        Assert.That(Tokenizer.Decode(Tokenizer.Encode(text)), Is.EqualTo(text.Replace('▁', ' ')));
    }

    [Test]
    public void ADamagedFileIsRefused()
    {
        using var directory = new ScratchDirectory();
        var bytes = File.ReadAllBytes(Path.Combine(Folder, "tokenizer.model"));
        foreach (var length in new[] { 0, 1, 7, 1000, bytes.Length / 2 + 1 })
        {
            File.WriteAllBytes(directory.PathOf("tokenizer.model"), bytes[..length]);
            Assert.That(() => Tokenizer.Load(directory.FullName), Throws.TypeOf<DftNativeException>().With.Message.Contain("tokenizer.model"), $"{length} bytes");
        }
    }
}
