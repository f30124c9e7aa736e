using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Tests.Cuda;

/// <summary>
/// Uploads and downloads of pageable memory. The emulator runs queued copies as late as CUDA allows, so a block of the ring
/// that is filled again too early, or read out too early, gives other numbers here.
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed class CudaStagingRingTests : CudaBackendFixture
{
    private const int BlockLength = CudaStagingRing.BlockSizeInBytes / sizeof(int);

    [Test]
    public void ManySmallUploadsDoNotWaitForTheStream()
    {
        using var witness = new StreamWitness(Backend);
        using var buffer = Backend.Allocate(DataType.Int32, 1000, MemoryCategory.Workspace, "indices");
        var values = new int[100];
        for (var i = 0; i < 10; i++)
        {
            values.AsSpan().Fill(i);
            Backend.Upload<int>(values, buffer.AsVector().Slice(i * 100, 100));
        }

        witness.AssertStreamHasNotRun();
        Assert.That(Contents(buffer), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => i / 100)), "the source was the host's again at once");
        witness.AssertStreamHasRun();
    }

    /// <summary>What a micro-batch uploads, some ten vectors, is queued behind the last one's kernels.</summary>
    [Test]
    public void APassIsSetWithoutWaiting()
    {
        var row = new TrainingRow([.. Enumerable.Range(0, 500).Select(i => i % 90)], [.. Enumerable.Range(0, 500).Select(i => i % 90)]);
        var micro = new MicroBatch([row, row], new TokenLossOptions(), []);
        using var batch = new DeviceBatch(Backend, maxTokens: 2000, training: true);
        using var witness = new StreamWitness(Backend);
        batch.Set(new PreparedPass(micro, tokenCount: 2000, _ => null));
        batch.SetTokenRows(micro);
        witness.AssertStreamHasNotRun();
        var targets = new int[batch.LiveHeadRowCount];
        Backend.Download(batch.Targets, targets);
        Assert.That(targets, Is.EqualTo(micro.Targets));
    }

    [Test]
    public void TheSourceMayBeReusedAtOnce()
    {
        // Odd sizes, five times round the ring: every place of a block is a seam at some time.
        var random = new Random(4);
        var sizes = new List<int>();
        while (sizes.Sum() < 5 * CudaStagingRing.BlockCount * BlockLength) sizes.Add(random.Next(1, random.Next(4) == 0 ? 3 * BlockLength : 5000));
        using var buffer = Backend.Allocate(DataType.Int32, sizes.Sum(), MemoryCategory.Workspace, "numbers");
        var source = new int[3 * BlockLength];
        var next = 0;
        foreach (var size in sizes)
        {
            for (var i = 0; i < size; i++) source[i] = next + i;
            Backend.Upload<int>(source.AsSpan(0, size), buffer.AsVector().Slice(next, size));
            source.AsSpan(0, size).Fill(-1);
            next += size;
        }

        var values = Contents(buffer);
        for (var i = 0; i < values.Length; i++)
            if (values[i] != i) Assert.Fail($"element {i} is {values[i]}");
    }

    [Test]
    public void DownloadsOfAnySizeFollowTheStream([Values(0, 1, BlockLength - 1, BlockLength, BlockLength + 1, (6 * BlockLength) + 5)] int length)
    {
        using var source = Backend.Allocate(DataType.Int32, length + 3, MemoryCategory.Workspace, "numbers");
        using var copy = Backend.Allocate(DataType.Int32, length + 3, MemoryCategory.Workspace, "copy");
        int[] numbers = [.. Enumerable.Range(1, length + 3)];
        Backend.Upload<int>(numbers, source.AsVector());
        Backend.Copy(source.AsVector(), copy.AsVector());
        var values = new int[length + 2];
        values.AsSpan().Fill(-1);
        Backend.Download(copy.AsVector().Slice(2, length), values.AsSpan(1, length));
        Assert.That(values[0], Is.EqualTo(-1));
        Assert.That(values.AsSpan(1, length).SequenceEqual(numbers.AsSpan(2, length)));
        Assert.That(values[^1], Is.EqualTo(-1));
    }

    /// <summary>A download's blocks may still be on the way to the device, and an upload follows into the download's.</summary>
    [Test]
    public void UploadsAndDownloadsShareTheRing()
    {
        const int length = (2 * BlockLength) + 77;
        using var first = Backend.Allocate(DataType.Int32, length, MemoryCategory.Workspace, "first");
        using var second = Backend.Allocate(DataType.Int32, length, MemoryCategory.Workspace, "second");
        var source = new int[length];
        for (var round = 0; round < 6; round++)
        {
            for (var i = 0; i < length; i++) source[i] = (round * length) + i;
            Backend.Upload<int>(source, first.AsVector());
            Backend.Upload<int>(source.AsSpan(0, 10 + round), second.AsVector());
            Array.Clear(source);
            var head = new int[10 + round];
            Backend.Download(second.AsVector().Slice(0, head.Length), head);
            var values = Contents(first);
            for (var i = 0; i < length; i++)
                if (values[i] != (round * length) + i) Assert.Fail($"round {round}: element {i} is {values[i]}");
            Assert.That(head, Is.EqualTo(values[..head.Length]));
        }
    }

    [Test]
    public void TransfersAllocateNothing()
    {
        using var buffer = Backend.Allocate(DataType.Int32, 2 * BlockLength, MemoryCategory.Workspace, "numbers");
        var values = new int[2 * BlockLength];
        Transfer();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 3; i++) Transfer();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Transfer()
        {
            Backend.Upload<int>(values, buffer.AsVector());
            Backend.Upload<int>(values.AsSpan(0, 9), buffer.AsVector());
            Backend.Download(buffer.AsVector(), values.AsSpan());
        }
    }

    [Test]
    public void WhatDoesNotFitIsRefusedBeforeAnythingIsQueued()
    {
        using var buffer = Backend.Allocate(DataType.Int32, 10, MemoryCategory.Workspace, "numbers");
        Assert.That(() => Backend.Upload<int>(new int[11], buffer.AsVector()), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Backend.Download(buffer.AsVector(), new int[11]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Backend.Upload<long>(new long[1], buffer.AsVector()), Throws.ArgumentException);
        Assert.That(Contents(buffer), Is.All.Zero);
    }

    private int[] Contents(DeviceBuffer buffer)
    {
        var values = new int[buffer.Length];
        Backend.Download(buffer.AsVector(), values);
        return values;
    }

    /// <summary>A copy at the end of what the stream holds, into page-locked memory: whether it has run can be looked at without waiting.</summary>
    private sealed class StreamWitness : IDisposable
    {
        private readonly CudaPageLockedHostMemory<byte> seen;
        private readonly CudaDeviceVariable<byte> ones;

        public StreamWitness(CudaBackend backend)
        {
            if (KernelDevice.IsGpuRequired) Assert.Ignore("a GPU runs what is queued when it likes; the emulator as late as CUDA allows");
            seen = new CudaPageLockedHostMemory<byte>(backend.Context, 1);
            ones = new CudaDeviceVariable<byte>(backend.Context, 1);
            ones.CopyToDevice([1], 0, backend.Stream);
            seen.Span[0] = 0;
            ones.QueueCopyToHost(seen, 0, 0, 1, backend.Stream);
        }

        public void AssertStreamHasNotRun() => Assert.That(seen.Span[0], Is.Zero, "something waited for the stream");

        public void AssertStreamHasRun() => Assert.That(seen.Span[0], Is.EqualTo(1));

        public void Dispose()
        {
            seen.Dispose();
            ones.Dispose();
        }
    }
}
