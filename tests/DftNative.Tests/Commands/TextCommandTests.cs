using System.Text;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Train.Commands;

namespace DftNative.Tests.Commands;

internal sealed class TextCommandTests
{
    private static readonly int Letter = Fixtures.Tokenizer.TokenToId("a")!.Value;

    [TestCase("a\n\na", false, "[{0}]\n[]\n[{0}]\n")]
    [TestCase("\"a\"\n\"\\u0061a\"\n", true, "[{0}]\n[{0}, {0}]\n")]
    public void TokenizePrintsAnArrayALine(string input, bool json, string expected)
    {
        var output = new StringWriter();
        var code = TokenizeCommand.Run(new TokenizeOptions(Fixtures.TokenizerDirectory, null, json, AddSpecialTokens: false), new MemoryStream(Encoding.UTF8.GetBytes(input)), output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output.ToString(), Is.EqualTo(string.Format(null, expected, Letter)));
            Assert.That(code, Is.Zero);
        }
    }

    [TestCase("a\nb\0", false, "row 2 holds a raw NUL byte")]
    [TestCase("\"a\"\n{}", true, "row 2 is not a JSON string")]
    [TestCase("\"a\"\nb", true, "row 2 is not valid JSON")]
    public void TokenizeNamesABadLine(string input, bool json, string named) => Assert.That(
        () => TokenizeCommand.Run(new TokenizeOptions(Fixtures.TokenizerDirectory, null, json, AddSpecialTokens: false), new MemoryStream(Encoding.UTF8.GetBytes(input)), TextWriter.Null),
        Throws.TypeOf<DftNativeException>().With.Message.Contain(named));

    [Test]
    public void InspectDataMarksWhatIsTrained()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """
            {"prompt": "a", "completion": "\n<|im_end|>"}
            {"prompt": "a", "completion": "é"}
            {"prompt": "a", "completion": "not shown"}
            {"prompt": "a", "completion": "é"}
            """);
        var output = new StringWriter();
        InspectDataCommand.Run(new InspectDataOptions(Fixtures.TokenizerDirectory, [path], 2, new RowReaderOptions(), UseColor: false), null, output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output.ToString(), Does.Contain("row 1: 4 tokens, 3 trained\na[\\n][<|im_end|>][<|endoftext|>]\n"));
            Assert.That(output.ToString(), Does.Contain("a[\\xC3][\\xA9][<|endoftext|>]\n"));
            Assert.That(output.ToString(), Does.Not.Contain("row 3").And.Contain("4 rows, ").And.Contain(", 1 duplicates\n"));
        }
    }

    /// <summary>Where every row is cut before its answer, the counts say so before the error does.</summary>
    [Test]
    public void InspectDataCountsRowsInWhichNothingIsTrained()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """{"prompt": "a a a a", "completion": "b"}""");
        var output = new StringWriter();
        Assert.That(
            () => InspectDataCommand.Run(new InspectDataOptions(Fixtures.TokenizerDirectory, [path], 1, new RowReaderOptions { MaxLength = 2 }, UseColor: false), null, output),
            Throws.TypeOf<DftNativeException>().With.Message.Contains("nothing to train"));
        Assert.That(output.ToString(), Does.Contain("1 rows, 2 tokens, 0 trained").And.Contain("1 truncated"));
    }
}
