using System.IO.Compression;
using System.Text;
using DftNative.Tests.Tokenizers;
using DftNative.Train.Commands;

namespace DftNative.Tests.Commands;

internal sealed class GradeCommandTests
{
    [Test]
    public void RowsComeBackWithTheVerdict()
    {
        var output = Grade("""
            {"id": 7, "prediction": "so $\\boxed{\\frac{1}{2}}$.", "answer": "0.5", "note": "é <b>"}

            {"answer": "#### 18", "prediction": "She makes 17 dollars.", "equal": 3}
            {"answer": 27.0, "prediction": "27", "nested": {"a": [1, 2.50]}}
            {"answer": "1", "prediction": ""}
            """);
        Assert.That(output, Is.EqualTo("""
            {"id":7,"prediction":"so $\\boxed{\\frac{1}{2}}$.","answer":"0.5","note":"é <b>","extracted":"\\frac{1}{2}","equal":true}
            {"answer":"#### 18","prediction":"She makes 17 dollars.","extracted":"17","equal":false}
            {"answer":27.0,"prediction":"27","nested":{"a":[1,2.50]},"extracted":"27","equal":true}
            {"answer":"1","prediction":"","extracted":null,"equal":false}

            """));
    }

    [Test]
    public void AnAnswerBehindATextOfItsOwnIsTaken() => Assert.That(
        Grade("""{"prediction": "6+6+0=12;1;12", "answer": "12", "answer_after": ";"}""" + "\n" + """{"prediction": "12", "answer": "12", "answer_after": ";"}"""),
        Is.EqualTo("""
            {"prediction":"6+6+0=12;1;12","answer":"12","answer_after":";","extracted":"12","equal":true}
            {"prediction":"12","answer":"12","answer_after":";","extracted":null,"equal":false}

            """));

    [Test]
    public void AFileWithoutRowsIsRefused([Values("", "\n  \n")] string text)
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", text);
        Assert.That(() => GradeCommand.Run(path, Stream.Null), Throws.TypeOf<DftNativeException>().With.Message.Contains("rows.jsonl: holds no rows").And.Property("ExitCode").EqualTo(ExitCode.InvalidInput));
    }

    [TestCase("{\"answer\": \"1\", \"prediction\": \"1\", \"answer_after\": \"\"}", "row 2 has 'answer_after' that is empty")]
    [TestCase("[1]", "row 2 is not a JSON object")]
    [TestCase("{\"prediction\": \"1\"}", "row 2 has no 'answer'")]
    [TestCase("{\"answer\": \"1\"}", "row 2 has no 'prediction'")]
    [TestCase("{\"answer\": \"1\", \"prediction\": null}", "row 2 has 'prediction' that is not a text")]
    [TestCase("{\"answer\": \"1\", \"answer\": \"1\", \"prediction\": \"1\"}", "row 2 has 'answer' twice")]
    [TestCase("{\"answer\": \"1\"", "row 2 is not valid JSON")]
    [TestCase("{\"answer\": \"1\", \"prediction\": \"\\ud800\"}", "row 2 holds a text with an unpaired surrogate")]
    public void ABadRowIsNamedAfterTheGoodOnes(string row, string named)
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", "{\"answer\": \"1\", \"prediction\": \"1\"}\n" + row);
        using var output = new MemoryStream();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => GradeCommand.Run(path, output), Throws.TypeOf<DftNativeException>().With.Message.Contain(named).And.Property("ExitCode").EqualTo(ExitCode.InvalidInput));
            Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo("{\"answer\":\"1\",\"prediction\":\"1\",\"extracted\":\"1\",\"equal\":true}\n"));
        }
    }

    [Test]
    public void ACompressedFileIsRead()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.PathOf("rows.jsonl.gz");
        using (var file = new GZipStream(File.Create(path), CompressionLevel.Fastest)) file.Write("{\"answer\": \"1\", \"prediction\": \"2\"}"u8);
        using var output = new MemoryStream();
        GradeCommand.Run(path, output);
        Assert.That(Encoding.UTF8.GetString(output.ToArray()), Does.EndWith("\"equal\":false}\n"));
    }

    [Test]
    public void AMissingFileIsNamed() =>
        Assert.That(() => GradeCommand.Run("no-such-file.jsonl", Stream.Null), Throws.TypeOf<DftNativeException>().With.Message.Contain("no-such-file.jsonl"));

    private static string Grade(string rows)
    {
        using var scratch = new ScratchDirectory();
        using var output = new MemoryStream();
        var code = GradeCommand.Run(scratch.Write("rows.jsonl", rows), output);
        Assert.That(code, Is.EqualTo(ExitCode.Success));
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
