using DftNative.Generation;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.Generation;

public sealed class SequenceTextTests
{
    private const string Sample = "Zwölf Boxkämpfer 🙂 jagen 数学: \\boxed{12}\n\nQuestion: next";

    /// <summary>Pieces are the whole text, characters of several tokens and bytes that are none included.</summary>
    [Test]
    public void PiecesTogetherAreTheTextOfAllTokens([Values("tokenizer", "sentencepiece")] string name)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(Fixtures.Folder, name));
        var random = new Random(4);
        for (var repeat = 0; repeat < 200; repeat++)
        {
            int[] tokens = repeat == 0 ? tokenizer.Encode(Sample) : [.. Enumerable.Range(0, 30).Select(_ => random.Next(tokenizer.VocabularySize))];
            var stream = new TokenTextStream(tokenizer);
            var text = string.Concat(tokens.Select(stream.Append)) + stream.Complete();
            Assert.That(text, Is.EqualTo(tokenizer.Decode(tokens, skipSpecialTokens: true)));
        }
    }

    /// <summary>A SentencePiece text begins without the space of its first piece, and has those of all others.</summary>
    [Test]
    public void ASentencePieceTextIsStreamedWithItsSpaces()
    {
        var tokenizer = Tokenizer.Load(Path.Combine(Fixtures.Folder, "sentencepiece"));
        const string Text = "the value of a row, 数学 and 🙂 the end";
        var stream = new TokenTextStream(tokenizer);
        var pieces = tokenizer.Encode(Text, addSpecialTokens: false).Select(stream.Append).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(tokenizer.DecodesToBytes, Is.False, "the decoder looks at neighbours");
            Assert.That(string.Concat(pieces) + stream.Complete(), Is.EqualTo(Text));
            Assert.That(pieces.Count(piece => piece.Length > 0), Is.GreaterThan(8), "piece by piece");
            Assert.That(pieces, Has.None.Contains("\uFFFD"), "a character of several bytes comes whole");
        });
    }

    /// <summary>Bytes wait for what follows them; a stop string that is there ends the sequence all the same.</summary>
    [Test]
    public void AStopStringOfByteTokensIsSeenWithItsLast()
    {
        var tokenizer = Tokenizer.Load(Path.Combine(Fixtures.Folder, "sentencepiece"));
        var bytes = "🙂"u8.ToArray().Select(value => tokenizer.TokenToId($"<0x{value:X2}>")!.Value).ToArray();
        var text = new SequenceText(tokenizer, ["🙂"]);
        var streamed = string.Concat(tokenizer.Encode("the value", addSpecialTokens: false).Select(text.Append));
        foreach (var token in bytes[..^1])
        {
            streamed += text.Append(token);
            Assert.That(text.IsStopped, Is.False);
        }

        streamed += text.Append(bytes[^1]);
        Assert.That((text.IsStopped, text.ToString(), streamed + text.Complete()), Is.EqualTo((true, "the value", "the value")));
    }

    [Test]
    public void TheTextEndsBeforeTheFirstStopStringAndNothingOfItIsStreamed()
    {
        var tokenizer = Fixture();
        var text = new SequenceText(tokenizer, ["never", "\n\nQuestion:"]);
        var streamed = "";
        foreach (var token in tokenizer.Encode(Sample))
        {
            streamed += text.Append(token);
            if (text.IsStopped) break;
        }

        streamed += text.Complete();
        Assert.Multiple(() =>
        {
            Assert.That(text.IsStopped);
            Assert.That(text.ToString(), Is.EqualTo(Sample[..Sample.IndexOf("\n\n", StringComparison.Ordinal)]));
            Assert.That(streamed, Is.EqualTo(text.ToString()));
        });
    }

    [Test]
    public void AStopStringThatNeverComesHoldsNothingBack()
    {
        var tokenizer = Fixture();
        var text = new SequenceText(tokenizer, ["nextt", "\n\nQuestion!"]);
        var streamed = string.Concat(tokenizer.Encode(Sample).Select(text.Append));
        Assert.That(streamed, Is.EqualTo(Sample[..^4]), "the end may begin a stop string");
        Assert.That(streamed + text.Complete(), Is.EqualTo(Sample));
        Assert.That(text.IsStopped, Is.False);
    }

    private static Tokenizer Fixture() => Fixtures.Tokenizer;
}
