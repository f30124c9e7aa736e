using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

public sealed class HubNameTests
{
    [TestCase("Qwen/Qwen2.5-Math-1.5B", "models--Qwen--Qwen2.5-Math-1.5B")]
    [TestCase("gpt2", "models--gpt2")]
    public void ANameHasItsFolder(string text, string folder)
    {
        Assert.That(HubName.TryParse(text, out var name));
        Assert.That(name!.FolderName, Is.EqualTo(folder));
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("./model")]
    [TestCase("../model")]
    [TestCase("/models/tiny")]
    [TestCase("a/b/c")]
    [TestCase("org/")]
    [TestCase("org/na--me")]
    [TestCase("org/na..me")]
    [TestCase("org/name.git")]
    [TestCase("org/-name")]
    [TestCase("org/name.")]
    [TestCase("org/na me")]
    [TestCase("org/näme")]
    [TestCase("org\\name")]
    public void APathIsNoName(string text) => Assert.That(HubName.TryParse(text, out _), Is.False);

    [TestCase("main")]
    [TestCase("v1.0")]
    [TestCase("refs/pr/3")]
    [TestCase("a1b2c3d")]
    public void ARevisionIsTaken(string revision) => Assert.DoesNotThrow(() => HubRevision.Check(revision));

    [TestCase("")]
    [TestCase("../../../etc")]
    [TestCase("/etc/passwd")]
    [TestCase("a/../b")]
    [TestCase("a//b")]
    [TestCase("a/.hidden")]
    [TestCase("a b")]
    [TestCase("a\nb")]
    [TestCase("C:\\x")]
    public void ARevisionStaysInTheCache(string revision) => ErrorAssert.Throws(ExitCode.Usage, () => HubRevision.Check(revision), "revision");
}
