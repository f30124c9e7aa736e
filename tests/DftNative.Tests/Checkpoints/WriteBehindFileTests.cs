using DftNative.Checkpoints;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Tests.Checkpoints;

public sealed class WriteBehindFileTests
{
    private const int BlockLength = 4 << 20;

    private TemporaryDirectory directory = null!;

    [SetUp]
    public void MakeDirectory() => directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => directory.Dispose();

    /// <summary>Below, at and beyond the blocks that are written at once, and round the ring of them; ends that a disk's blocks do not divide.</summary>
    [Test]
    public void HoldsWhatWasWritten(
        [Values(0, 1, 4096, BlockLength - 1, BlockLength, BlockLength + 1, (6 * BlockLength) + 4096 + 3)] int length,
        [Values(777_777, 64 << 20)] int partLength)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using (var handle = Create())
        using (var file = new WriteBehindFile(handle))
        {
            var part = new byte[Math.Min(length, partLength)];
            for (var start = 0; start < length; start += partLength)
            {
                var count = Math.Min(partLength, length - start);
                bytes.AsSpan(start, count).CopyTo(part);
                file.Write(part.AsSpan(0, count));
                Array.Clear(part);
            }

            file.Complete();
        }

        Assert.That(File.ReadAllBytes(directory["file"]).AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public void AFailureComesUpAtTheEnd()
    {
        using var handle = OpenForReading();
        using var file = new WriteBehindFile(handle);
        file.Write(new byte[100]);
        Assert.That(file.Complete, Throws.InstanceOf<UnauthorizedAccessException>().Or.InstanceOf<IOException>());
    }

    /// <summary>A full disk ends a save soon, and nobody waits for blocks that no one gives back.</summary>
    [Test]
    public void AFailureComesUpWhileMoreIsWritten()
    {
        using var handle = OpenForReading();
        using var file = new WriteBehindFile(handle);
        Assert.That(() =>
        {
            for (var i = 0; i < 20; i++) file.Write(new byte[BlockLength]);
        }, Throws.InstanceOf<UnauthorizedAccessException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public void WhatIsNotCompletedEndsQuietly()
    {
        using var handle = Create();
        using var file = new WriteBehindFile(handle);
        for (var i = 0; i < 10; i++) file.Write(new byte[BlockLength - 1]);
    }

    /// <summary>A file that cannot be written.</summary>
    private SafeFileHandle OpenForReading()
    {
        File.WriteAllBytes(directory["file"], []);
        return File.OpenHandle(directory["file"]);
    }

    private SafeFileHandle Create() => File.OpenHandle(directory["file"], FileMode.CreateNew, FileAccess.Write);
}
