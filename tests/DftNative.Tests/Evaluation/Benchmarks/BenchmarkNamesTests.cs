using DftNative.Evaluation.Benchmarks;

namespace DftNative.Tests.Evaluation.Benchmarks;

internal sealed class BenchmarkNamesTests
{
    [TestCase("/a/sums.jsonl /a/more.csv.gz", "sums more", TestName = "a file's own name")]
    [TestCase("/data/aime24/test.jsonl /data/amc23/test.jsonl /data/other.jsonl", "aime24/test amc23/test other", TestName = "the folder tells them apart")]
    [TestCase("/x/set/test.jsonl /y/set/test.jsonl", "x/set/test y/set/test", TestName = "a folder further up")]
    [TestCase("/set/test.jsonl /set/test.csv", "/set/test.jsonl /set/test.csv", TestName = "the ending alone")]
    [TestCase("/set/math500.jsonl", "set/math500", TestName = "a known benchmark's name")]
    [TestCase("/test.jsonl /a/test.jsonl", "/test.jsonl a/test", TestName = "at the root")]
    public void NoTwoFilesHaveOneName(string paths, string names) =>
        Assert.That(string.Join(' ', BenchmarkNames.Choose(paths.Split(' '), ["math500"])), Is.EqualTo(names));

    [Test]
    public void AFileThatIsGivenTwiceIsAnError() => Assert.Multiple(() =>
    {
        Assert.That(() => BenchmarkNames.Choose(["/a/b.jsonl", "/a/../a/b.jsonl"], []), Throws.TypeOf<DftNativeException>().With.Message.EqualTo("/a/b.jsonl is given twice; name it once"));
        Assert.That(() => BenchmarkNames.RequireOnce(["aime24", "amc23", "aime24"]), Throws.TypeOf<DftNativeException>().With.Message.Contains("aime24 is given twice"));
    });
}
