using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Page-locked memory and pools: what is asynchronous is so in the emulator too, and a use out of order is found.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class CudaMemoryTests
{
    private const string MemoryVariable = "DFTNATIVE_EMULATED_MEMORY";
    private const string Store = """
        #include "memory.cuh"
        extern "C" __global__ void store_one(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, threadIdx.x, threadIdx.x);
        }
        """;

    private TestDevice device = null!;

    [SetUp]
    public void Open()
    {
        CudaEmulator.Require();
        device = new TestDevice();
    }

    [TearDown]
    public void Close()
    {
        device?.Dispose();
        Assert.That(CudaResources.Total, Is.Zero, "nothing leaks");
        Assert.That(CudaResources.AllocatedBytes, Is.Zero);
    }

    [Test]
    public void CopiesOfPageLockedMemoryRunWithTheStream()
    {
        using var host = new CudaPageLockedHostMemory<uint>(device.Context, 8);
        using var data = device.Allocate(8);
        Assert.That((host.Length, host.SizeInBytes, CudaResources.PageLockedAllocations), Is.EqualTo((8, 32L, 1)));
        host.Span.Fill(1);
        data.QueueCopyToDevice(host, 2, 4, 3, device.Stream);
        host.Span[3] = 7;
        device.Stream.Synchronize();
        host.Span.Clear();
        data.QueueCopyToHost(host, 0, 4, 3, device.Stream);
        Assert.That(host.Span[..3].ToArray(), Is.All.Zero, "not before the stream has been waited for");
        device.Stream.Synchronize();
        Assert.That(host.Span[..4].ToArray(), Is.EqualTo(new uint[] { 1, 7, 1, 0 }), "what the host wrote before the copy ran was copied");
    }

    [Test]
    public void PageLockedRangesAreChecked()
    {
        var host = new CudaPageLockedHostMemory<uint>(device.Context, 4);
        using var data = device.Allocate(8);
        Assert.That(() => data.QueueCopyToDevice(host, 2, 0, 3, device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => data.QueueCopyToDevice(host, 0, 5, 4, device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => data.QueueCopyToHost(host, -1, 0, 1, device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CudaPageLockedHostMemory<uint>(device.Context, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        host.Dispose();
        host.Dispose();
        Assert.That(() => host.Span.Length, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => data.QueueCopyToHost(host, 0, 0, 1, device.Stream), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void APoolKeepsWhatItMay()
    {
        using var pool = new CudaMemoryPool(device.Context, releaseThresholdInBytes: 1 << 20);
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes(), CudaResources.MemoryPools), Is.EqualTo((0L, 0L, 1)));
        var small = pool.Allocate<uint>(64 << 10, device.Stream);
        var large = pool.Allocate<uint>(1 << 20, device.Stream);
        Assert.That(pool.GetUsedBytes(), Is.EqualTo(small.SizeInBytes + large.SizeInBytes));
        Assert.That((CudaResources.Allocations, CudaResources.AllocatedBytes), Is.EqualTo((2, small.SizeInBytes + large.SizeInBytes)));
        large.Dispose();
        Assert.That(pool.GetUsedBytes(), Is.EqualTo(small.SizeInBytes + large.SizeInBytes), "the stream has not come to the free");
        device.Stream.Synchronize();
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes()), Is.EqualTo((small.SizeInBytes, 1L << 20)));
        small.Dispose();
        device.Stream.Synchronize();
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes()), Is.EqualTo((0L, 1L << 20)));
        pool.TrimTo(1000);
        Assert.That(pool.GetReservedBytes(), Is.EqualTo(1000));
    }

    [Test]
    public void MemoryOfAPoolIsUsedInTheOrderOfItsStream()
    {
        using var module = device.Compile("store_one.cu", Store);
        using var pool = new CudaMemoryPool(device.Context);
        var memory = pool.Allocate<uint>(32, device.Stream);
        module.GetKernel("store_one").Launch(new LaunchConfiguration(1, 32, 0, device.Stream), memory.DevicePointer, 32);
        var values = new uint[32];
        memory.CopyToHost(values, 0, device.Stream);
        Assert.That(values, Is.EqualTo(Enumerable.Range(0, 32).Select(index => (uint)index)));
        var address = memory.DevicePointer;
        memory.Dispose();
        Assert.That(memory.IsDisposed);
        Assert.That(
            CudaDriver.cuMemsetD8Async(address, 0, 4, device.Stream.Handle), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE),
            "the host may not name it after the free was queued");
        Assert.That(CudaDriver.cuMemFreeAsync(address, device.Stream.Handle), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE), "freed twice");
    }

    [Test]
    public void AUseAheadOfTheAllocationIsFound()
    {
        using var module = device.Compile("store_one.cu", Store);
        using var other = new CudaStream(device.Context);
        using var pool = new CudaMemoryPool(device.Context);
        using var mark = new CudaEvent(device.Context, hasTime: false);
        using var memory = pool.Allocate<uint>(32, device.Stream);
        mark.Record(device.Stream);
        other.WaitFor(mark);
        var kernel = module.GetKernel("store_one");
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), memory.DevicePointer, 32);
        other.Synchronize();

        using var early = pool.Allocate<uint>(32, device.Stream);
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), early.DevicePointer, 32);
        Assert.That(
            other.Synchronize, Throws.InstanceOf<CudaException>().With.Message.Contains("kernel store_one").And
                .Message.Contains("whose allocation, on another stream, has not been waited for"));
    }

    [Test]
    public void AUseAfterTheFreeIsFound()
    {
        using var module = device.Compile("store_one.cu", Store);
        using var other = new CudaStream(device.Context);
        using var pool = new CudaMemoryPool(device.Context);
        var memory = pool.Allocate<uint>(32, device.Stream);
        device.Stream.Synchronize();
        var kernel = module.GetKernel("store_one");
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), memory.DevicePointer, 32);
        memory.Dispose();
        device.Stream.Synchronize();
        Assert.That(
            other.Synchronize, Throws.InstanceOf<CudaException>().With.Message.Contains("kernel store_one").And
                .Message.Contains("of one of 128 bytes that was freed"));
    }

    [Test]
    public void APoolThatHasEndedKeepsItsMemoryAlive()
    {
        var pool = new CudaMemoryPool(device.Context);
        var memory = pool.Allocate<uint>(4, device.Stream);
        pool.Dispose();
        pool.Dispose();
        Assert.That(() => pool.Allocate<uint>(4, device.Stream), Throws.InstanceOf<ObjectDisposedException>());
        memory.CopyToDevice([1, 2, 3, 4], 0, device.Stream);
        var values = new uint[4];
        memory.CopyToHost(values, 0, device.Stream);
        Assert.That(values, Is.EqualTo(new uint[] { 1, 2, 3, 4 }));
        memory.Dispose();
    }

    [Test]
    public void PooledMemoryOutlivesItsStream()
    {
        using var pool = new CudaMemoryPool(device.Context);
        CudaDeviceVariable<uint> memory;
        using (var stream = new CudaStream(device.Context)) memory = pool.Allocate<uint>(4, stream);
        memory.Zero(0, 4, device.Stream);
        memory.Dispose();
        Assert.That(pool.GetUsedBytes(), Is.Zero);
    }

    [Test]
    public void WhatIsFreeIsWhatNobodyTook()
    {
        const long limit = 3 << 20;
        if (Environment.GetEnvironmentVariable(MemoryVariable) is null)
        {
            var child = TestProcess.Run(GetType(), nameof(WhatIsFreeIsWhatNobodyTook), (MemoryVariable, $"{limit}"));
            Assert.That(child.ExitCode, Is.Zero, child.Output);
            return;
        }

        Assert.That((device.Context.TotalMemoryInBytes, device.Context.GetFreeMemoryInBytes()), Is.EqualTo((limit, limit)));
        using (device.Allocate(1 << 18))
        {
            Assert.That(device.Context.GetFreeMemoryInBytes(), Is.EqualTo(limit - (1 << 20)));
            var exception = Assert.Throws<CudaException>(() => device.Allocate(1 << 20))!;
            Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_OUT_OF_MEMORY));
            Assert.That(exception.Message, Does.Contain($"allocating {4 << 20} bytes"));
            using var pool = new CudaMemoryPool(device.Context);
            using var most = pool.Allocate<byte>(2 << 20, device.Stream);
            Assert.That(device.Context.GetFreeMemoryInBytes(), Is.Zero);
            Assert.That(() => pool.Allocate<byte>(1, device.Stream), Throws.InstanceOf<CudaException>().With.Message.Contains("CUDA_ERROR_OUT_OF_MEMORY"));
        }

        device.Stream.Synchronize();
        Assert.That(device.Context.GetFreeMemoryInBytes(), Is.EqualTo(limit), "the pool's memory goes back once the stream has come to the free");
    }
}
