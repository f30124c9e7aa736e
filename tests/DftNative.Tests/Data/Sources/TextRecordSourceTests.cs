using System.Text;
using DftNative.Data;
using DftNative.Data.Sources;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Data.Sources;

/// <summary>JSON, JSONL, CSV and their gzip forms: what is read, and what is said of what cannot be.</summary>
internal sealed class TextRecordSourceTests
{
    private static readonly string[] TwoRows = ["{\"text\":\"a\"}", "{\"text\":\"b\"}"];

    private ScratchDirectory scratch = null!;

    [SetUp]
    public void SetUp() => scratch = new ScratchDirectory();

    [TearDown]
    public void TearDown() => scratch.Dispose();

    [TestCase("rows.json", """[{"text": "a"}, {"text": "b"}]""")]
    [TestCase("rows.json", """{"version": "1", "meta": {"data": [1]}, "data": [{"text": "a"}, {"text": "b"}], "tail": [{}]}""")]
    [TestCase("rows.json", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n", Description = "JSONL by another name")]
    [TestCase("rows.json", "\uFEFF[\n  {\"text\":\n\"a\"}\n,{\"text\": \"b\"}]\n\n")]
    [TestCase("rows.jsonl", "{\"text\": \"a\"}\r\n\r\n{\"text\": \"b\"}")]
    [TestCase("rows.csv", "text,other\r\na,1\r\n\"b\",\"2,\r\n\"\"3\"\"\"\r\n")]
    [TestCase("rows.csv", "\uFEFFtext\na\nb")]
    public void TheSameRowsAreRead(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(scratch.PathOf(name), bytes);
        File.WriteAllBytes(scratch.PathOf(name + ".gz"), Records.Gzip(bytes));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Records.Read(scratch.PathOf(name)).Select(record => record.Json), Is.EqualTo(TwoRows));
            Assert.That(Records.Read(scratch.PathOf(name + ".gz")).Select(record => record.Json), Is.EqualTo(TwoRows));
        }
    }

    [Test]
    public void ACsvFieldMayHoldAnything()
    {
        var path = scratch.Write("rows.csv", "question,answer\n\"a \"\"b\"\", c\nd\",😀 \\n\n");
        Assert.That(Records.Read(path).Single().Json, Is.EqualTo(System.Text.Json.Nodes.JsonNode.Parse("""{"question": "a \"b\", c\nd", "answer": "😀 \\n"}""")!.ToJsonString()));
    }

    [Test]
    public void RecordsLongerThanTheBufferAreWhole()
    {
        var rows = Enumerable.Range(0, 300).Select(i => $"{{\"text\":\"{new string((char)('a' + i % 26), i * 37 % 9000)}{(i == 150 ? new string('z', 300_000) : "")}\"}}").ToArray();
        var array = scratch.Write("array.json", "[" + string.Join(",\n", rows) + "]");
        var lines = scratch.Write("lines.jsonl", string.Join('\n', rows));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Records.Read(array).Select(record => record.Json), Is.EqualTo(rows));
            Assert.That(Records.Read(lines).Select(record => record.Json), Is.EqualTo(rows));
        }
    }

    [TestCase("""[{"text": "a"}, {"text": }]""", "row 2 is not valid JSON, at line 1, byte 26")]
    [TestCase("""[{"text": "a"}, {"text": "b" """, "row 2 is not valid JSON, at line 1, byte 30")]
    [TestCase("""[{"text": "a"}, 7]""", "row 2 is not a JSON object")]
    [TestCase("\"text\"", "row 1 is not a JSON object")]
    [TestCase("[{\"text\": \"a\0b\"}]", "row 1 is not valid JSON")]
    public void JsonThatIsNoneIsRefused(string text, string message) =>
        Assert.That(Records.Refuse(scratch.Write("rows.json", text)), Does.Contain(message));

    [Test]
    public void DeepJsonIsRefused() =>
        Assert.That(Records.Refuse(scratch.Write("rows.json", "[{\"text\": " + new string('[', 100_000) + "}]")), Does.Contain("row 1 is not valid JSON"));

    [Test]
    public void InvalidUtf8IsNamedByItsRow()
    {
        File.WriteAllBytes(scratch.PathOf("rows.json"), [.. "[{\"input_ids\":[1,2],\"labels\":[1,2]},{\"text\":\""u8, 0xFF, .. "\"}]"u8]);
        File.WriteAllBytes(scratch.PathOf("rows.csv"), [.. "text\na\n"u8, 0xC3, 0x28]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => new RowReader(null, 8, new RowReaderOptions()).Read([scratch.PathOf("rows.json")]).ToList(),
                Throws.TypeOf<DftNativeException>().With.Message.Contain("row 2 is not valid UTF-8"));
            Assert.That(Records.Refuse(scratch.PathOf("rows.csv")), Does.Contain("line 3 is not valid UTF-8"));
        }
    }

    [TestCase("text,answer\na,b,c\n", "row 2 has 3 fields, the header 2")]
    [TestCase("text,answer\nx,y\na\n", "row 3 has 1 fields, the header 2")]
    [TestCase("text\n\"a\n", "row 2 is not valid CSV")]
    [TestCase("text,text\na,b\n", "has two columns 'text'")]
    [TestCase("text\na\0b\n", "row 2 holds a raw NUL byte")]
    public void CsvThatIsNoneIsRefused(string text, string message) =>
        Assert.That(Records.Refuse(scratch.Write("rows.csv", text)), Does.Contain(message));

    [Test]
    public void AGzipFileThatIsCutOffIsRefused()
    {
        var bytes = Records.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{{\"text\": \"{i * 7919}\"}}\n"))));
        File.WriteAllBytes(scratch.PathOf("rows.jsonl.gz"), bytes[..(bytes.Length / 2)]);
        File.WriteAllBytes(scratch.PathOf("none.jsonl.gz"), "{\"text\": \"a\"}"u8.ToArray());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Records.Refuse(scratch.PathOf("rows.jsonl.gz")), Does.Contain("not a whole gzip file"));
            Assert.That(Records.Refuse(scratch.PathOf("none.jsonl.gz")), Does.Contain("not a whole gzip file"));
        }
    }

    [TestCase("rows.jsonl")]
    [TestCase("rows.json")]
    [TestCase("rows.csv")]
    public void ALineOfAHundredMegabytesIsRefused(string name)
    {
        using (var stream = File.Create(scratch.PathOf(name)))
        {
            stream.Write(name.EndsWith("csv", StringComparison.Ordinal) ? "text\n\""u8 : "{\"text\": \""u8);
            var block = new byte[1 << 20];
            block.AsSpan().Fill((byte)'a');
            for (var i = 0; i < 100; i++) stream.Write(block);
            stream.Write("\"}\n"u8);
        }

        Assert.That(Records.Refuse(scratch.PathOf(name)), Does.Contain("row 1 is longer than 64 MiB").Or.Contain("row 2 is longer than 64 MiB"));
    }

    [TestCase("rows.zip")]
    [TestCase("rows.parquet.gz")]
    public void OtherFormatsAreNamed(string name) =>
        Assert.That(() => RecordSource.Open(name), Throws.TypeOf<DftNativeException>().With.Message.Contain(".parquet"));

    [Test]
    public void AMissingFileIsNamed() => Assert.That(Records.Refuse(scratch.PathOf("none.csv")), Does.Contain("cannot be read"));
}
