using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

public sealed class XxHash64Tests
{
    // Published values of XXH64 with seed 0.
    [TestCase("", 0xEF46DB3751D8E999ul)]
    [TestCase("a", 0xD24EC4F1A98C6E5Bul)]
    [TestCase("abc", 0x44BC2CF5AD770999ul)]
    [TestCase("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1ul)]
    public void EqualsTheReference(string text, ulong expected)
    {
        var hash = new XxHash64();
        hash.Append(Encoding.ASCII.GetBytes(text));
        Assert.That(hash.GetHash(), Is.EqualTo(expected));
    }

    [Test]
    public void DoesNotDependOnTheParts()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        var whole = new XxHash64();
        whole.Append(bytes);
        foreach (var partLength in new[] { 1, 7, 31, 32, 33, 100 })
        {
            var parts = new XxHash64();
            foreach (var part in bytes.Chunk(partLength)) parts.Append(part);
            Assert.That(parts.GetHash(), Is.EqualTo(whole.GetHash()));
        }
    }
}
