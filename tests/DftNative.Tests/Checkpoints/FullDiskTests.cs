using System.Diagnostics;
using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

/// <summary>Saving onto a file system of 256 KiB, which root can mount on Linux.</summary>
public sealed class FullDiskTests
{
    private TemporaryDirectory directory = null!;
    private string disk = null!;
    private bool isMounted;

    [SetUp]
    public void MountSmallDisk()
    {
        directory = new TemporaryDirectory();
        disk = Directory.CreateDirectory(directory["disk"]).FullName;
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") Assert.Ignore("needs root on Linux, to mount a small file system");
        isMounted = Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk);
        if (!isMounted) Assert.Ignore("a small file system cannot be mounted here");
    }

    [TearDown]
    public void UnmountSmallDisk()
    {
        if (isMounted) Run("umount", disk);
        directory.Dispose();
    }

    [Test]
    public void AFullDiskIsOneErrorAndLeavesWhatWasThere()
    {
        var json = TinyModel.Configuration();
        using var small = ModelDirectory.Open(TinyModel.Create(directory, "small", json));
        json["vocab_size"] = 5000;
        using var large = ModelDirectory.Open(TinyModel.Create(directory, "large", json));
        var target = Path.Combine(disk, "model");
        ModelWriter.Save(target, small.Template, small.Layout, small.Read, SaveDataType.Auto);
        var before = File.ReadAllBytes(Path.Combine(target, "model.safetensors"));

        ErrorAssert.Throws(ExitCode.CannotWrite, () => ModelWriter.Save(target, large.Template, large.Layout, large.Read, SaveDataType.Auto), target + ": cannot be written: No space left on device; free space");
        Assert.That(File.ReadAllBytes(Path.Combine(target, "model.safetensors")), Is.EqualTo(before));
        Assert.That(Directory.GetFileSystemEntries(disk), Is.EqualTo(new[] { target }), "nothing temporary is left");

        ErrorAssert.Throws(
            ExitCode.CannotWrite,
            () => TrainingCheckpoint.Save(disk, 1, large.Template, large.Layout, large.Read, null, large.Read, large.Read, SaveDataType.Auto, "{}"), Path.Combine(disk, "checkpoint-1") + ": cannot be written");
        Assert.That(Directory.GetFileSystemEntries(disk), Is.EqualTo(new[] { target }));
    }

    /// <summary>A file of many times what is written behind: the error comes up while more of it is made.</summary>
    [Test]
    public void ALargeFileOnAFullDiskEndsSoon()
    {
        var entry = new SafetensorsEntry("large", SafetensorsDataType.F32, [64 << 20]);
        var parts = 0;
        var path = Path.Combine(disk, "large.safetensors");
        ErrorAssert.Throws(ExitCode.CannotWrite, () => SafetensorsWriter.Write(path, [entry], null, (_, _, _) => parts++), path + ": cannot be written: No space left on device; free space");
        Assert.That(parts, Is.LessThan(32), "of 64");
        Assert.That(Directory.GetFileSystemEntries(disk), Is.Empty);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
