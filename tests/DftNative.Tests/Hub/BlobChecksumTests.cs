using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

public sealed class BlobChecksumTests
{
    // From "git hash-object" and "sha256sum" of a file that holds "hello" and a line feed.
    private const string GitBlob = "ce013625030ba8dba906f756967f9e9ca394464a";
    private const string Sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    [TestCase(GitBlob)]
    [TestCase(Sha256)]
    public async Task TheChecksumsAreGitsAndSha256(string value)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["file"], "hello\n");
        File.WriteAllText(directory["other"], "hellO\n");
        Assert.That(BlobChecksum.TryParse($"\"{value}\"", out var checksum));
        Assert.Multiple(async () =>
        {
            Assert.That(await checksum!.MatchesAsync(directory["file"], default));
            Assert.That(await checksum.MatchesAsync(directory["other"], default), Is.False);
        });
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("\"abc\"")]
    [TestCase("\"../../../../../../../../../../../../../passwd\"")]
    [TestCase("\"zz013625030ba8dba906f756967f9e9ca394464a\"")]
    public void AnEtagThatIsNoChecksumIsNotTaken(string? etag) => Assert.That(BlobChecksum.TryParse(etag, out _), Is.False);

    [Test]
    public void AWeakEtagIsTaken()
    {
        Assert.That(BlobChecksum.TryParse($"W/\"{GitBlob}\"", out var checksum));
        Assert.That(checksum!.Value, Is.EqualTo(GitBlob));
    }
}
