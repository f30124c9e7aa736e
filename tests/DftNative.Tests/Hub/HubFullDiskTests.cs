using System.Diagnostics;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

/// <summary>A cache on a file system of 256 KiB, which root can mount on Linux.</summary>
public sealed class HubFullDiskTests : HubTestBase
{
    private bool isMounted;

    protected override string Cache => Directory["disk"];

    [SetUp]
    public void MountSmallDisk()
    {
        System.IO.Directory.CreateDirectory(Cache);
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") Assert.Ignore("needs root on Linux, to mount a small file system");
        isMounted = Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", Cache);
        if (!isMounted) Assert.Ignore("a small file system cannot be mounted here");
    }

    [TearDown]
    public void UnmountSmallDisk()
    {
        if (isMounted) Run("umount", Cache);
    }

    [Test]
    public void ADiskThatIsTooSmallIsSaidToBeBeforeTheWeightsAreFetched()
    {
        Server.Files[Weights] = RandomBytes(400_000, 3);
        ErrorAssert.Throws(ExitCode.CannotWrite, () => Locate(), "org/tiny", "are to be fetched", "HF_HUB_CACHE");
        Assert.That(Server.RequestsFor("storage", Weights), Is.Empty);
    }

    [Test]
    public void ADiskThatFillsUpMeanwhileIsAnErrorAndTheDownloadGoesOnWhenThereIsRoom()
    {
        var filler = Path.Combine(Cache, "filler");
        Server.Files[Weights] = RandomBytes(150_000, 3);
        Server.Script = (request, reply) =>
        {
            if (request is { Kind: "storage", File: Weights, From: 0 }) File.WriteAllBytes(filler, new byte[140_000]);
            return reply;
        };
        ErrorAssert.Throws(ExitCode.CannotWrite, () => Locate(), "org/tiny", "No space left", "HF_HUB_CACHE");
        Assert.That(Delays, Is.Empty, "it is not tried again");
        File.Delete(filler);
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Last().From, Is.Positive, "what has arrived is kept");
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
