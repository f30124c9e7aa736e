using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Page-locked memory and pools: what is asynchronous is so in the emulator too, and a use out of order is found.</summary>
[TestFixture]
internal sealed class CudaMemoryTests : CudaDeviceFixture
{
    private const string MemoryVariable = "DFTNATIVE_EMULATED_MEMORY";
    private const string Store = """
        #include "memory.cuh"
        extern "C" __global__ void store_one(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, threadIdx.x, threadIdx.x);
        }
        """;

    [Test]
    public void CopiesOfPageLockedMemoryRunWithTheStream()
    {
        using var host = new CudaPageLockedHostMemory<uint>(Device.Context, 8);
        using var data = Device.Allocate(8);
        Assert.That((host.Length, host.SizeInBytes, CudaResources.PageLockedAllocations), Is.EqualTo((8, 32L, 1)));
        host.Span.Fill(1);
        data.QueueCopyToDevice(host, 2, 4, 3, Device.Stream);
        host.Span[3] = 7;
        Device.Stream.Synchronize();
        host.Span.Clear();
        data.QueueCopyToHost(host, 0, 4, 3, Device.Stream);
        Assert.That(host.Span[..3].ToArray(), Is.All.Zero, "not before the stream has been waited for");
        Device.Stream.Synchronize();
        Assert.That(host.Span[..4].ToArray(), Is.EqualTo(new uint[] { 1, 7, 1, 0 }), "what the host wrote before the copy ran was copied");
    }

    [Test]
    public void WhatWasCopiedToTheDeviceMayBeReused()
    {
        using var data = Device.Allocate(4);
        uint[] values = [1, 2, 3, 4];
        data.CopyToDevice(values, 0, Device.Stream);
        Array.Clear(values);
        data.CopyToHost(values, 0, Device.Stream);
        Assert.That(values, Is.EqualTo(new uint[] { 1, 2, 3, 4 }), "pageable memory was read before the call returned");
    }

    [Test]
    public void PageLockedRangesAreChecked()
    {
        var host = new CudaPageLockedHostMemory<uint>(Device.Context, 4);
        using var data = Device.Allocate(8);
        Assert.That(() => data.QueueCopyToDevice(host, 2, 0, 3, Device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => data.QueueCopyToDevice(host, 0, 5, 4, Device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => data.QueueCopyToHost(host, -1, 0, 1, Device.Stream), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CudaPageLockedHostMemory<uint>(Device.Context, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        host.Dispose();
        host.Dispose();
        Assert.That(() => host.Span.Length, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => data.QueueCopyToHost(host, 0, 0, 1, Device.Stream), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void APoolKeepsWhatItMay()
    {
        using var pool = new CudaMemoryPool(Device.Context, releaseThresholdInBytes: 1 << 20);
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes(), CudaResources.MemoryPools), Is.EqualTo((0L, 0L, 1)));
        var small = pool.Allocate<uint>(64 << 10, Device.Stream);
        var large = pool.Allocate<uint>(1 << 20, Device.Stream);
        Assert.That(pool.GetUsedBytes(), Is.EqualTo(small.SizeInBytes + large.SizeInBytes));
        Assert.That((CudaResources.Allocations, CudaResources.AllocatedBytes), Is.EqualTo((2, small.SizeInBytes + large.SizeInBytes)));
        large.Dispose();
        Assert.That(pool.GetUsedBytes(), Is.EqualTo(small.SizeInBytes + large.SizeInBytes), "the stream has not come to the free");
        Device.Stream.Synchronize();
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes()), Is.EqualTo((small.SizeInBytes, 1L << 20)));
        small.Dispose();
        Device.Stream.Synchronize();
        Assert.That((pool.GetUsedBytes(), pool.GetReservedBytes()), Is.EqualTo((0L, 1L << 20)));
        pool.TrimTo(1000);
        Assert.That(pool.GetReservedBytes(), Is.EqualTo(1000));
    }

    [Test]
    public void MemoryOfAPoolIsUsedInTheOrderOfItsStream()
    {
        using var module = Device.Compile("store_one.cu", Store);
        using var pool = new CudaMemoryPool(Device.Context);
        var memory = pool.Allocate<uint>(32, Device.Stream);
        module.GetKernel("store_one").Launch(new LaunchConfiguration(1, 32, 0, Device.Stream), memory.DevicePointer, 32);
        var values = new uint[32];
        memory.CopyToHost(values, 0, Device.Stream);
        Assert.That(values, Is.EqualTo(Enumerable.Range(0, 32).Select(index => (uint)index)));
        var address = memory.DevicePointer;
        memory.Dispose();
        Assert.That(memory.IsDisposed);
        Assert.That(
            CudaDriver.cuMemsetD8Async(address, 0, 4, Device.Stream.Handle), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE),
            "the host may not name it after the free was queued");
        Assert.That(CudaDriver.cuMemFreeAsync(address, Device.Stream.Handle), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE), "freed twice");
    }

    [Test]
    public void AUseAheadOfTheAllocationIsFound()
    {
        using var module = Device.Compile("store_one.cu", Store);
        using var other = new CudaStream(Device.Context);
        using var pool = new CudaMemoryPool(Device.Context);
        using var mark = new CudaEvent(Device.Context, hasTime: false);
        using var memory = pool.Allocate<uint>(32, Device.Stream);
        mark.Record(Device.Stream);
        other.WaitFor(mark);
        var kernel = module.GetKernel("store_one");
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), memory.DevicePointer, 32);
        other.Synchronize();

        using var early = pool.Allocate<uint>(32, Device.Stream);
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), early.DevicePointer, 32);
        Assert.That(
            other.Synchronize, Throws.InstanceOf<CudaException>().With.Message.Contains("kernel store_one").And
                .Message.Contains("whose allocation, on another stream, has not been waited for"));
    }

    [Test]
    public void AUseAfterTheFreeIsFound()
    {
        using var module = Device.Compile("store_one.cu", Store);
        using var other = new CudaStream(Device.Context);
        using var pool = new CudaMemoryPool(Device.Context);
        var memory = pool.Allocate<uint>(32, Device.Stream);
        Device.Stream.Synchronize();
        var kernel = module.GetKernel("store_one");
        kernel.Launch(new LaunchConfiguration(1, 32, 0, other), memory.DevicePointer, 32);
        memory.Dispose();
        Device.Stream.Synchronize();
        Assert.That(
            other.Synchronize, Throws.InstanceOf<CudaException>().With.Message.Contains("kernel store_one").And
                .Message.Contains("of one of 128 bytes that was freed"));
    }

    [Test]
    public void APoolThatHasEndedKeepsItsMemoryAlive()
    {
        var pool = new CudaMemoryPool(Device.Context);
        var memory = pool.Allocate<uint>(4, Device.Stream);
        pool.Dispose();
        pool.Dispose();
        Assert.That(() => pool.Allocate<uint>(4, Device.Stream), Throws.InstanceOf<ObjectDisposedException>());
        memory.CopyToDevice([1, 2, 3, 4], 0, Device.Stream);
        var values = new uint[4];
        memory.CopyToHost(values, 0, Device.Stream);
        Assert.That(values, Is.EqualTo(new uint[] { 1, 2, 3, 4 }));
        memory.Dispose();
    }

    [Test]
    public void PooledMemoryOutlivesItsStream()
    {
        using var pool = new CudaMemoryPool(Device.Context);
        CudaDeviceVariable<uint> memory;
        using (var stream = new CudaStream(Device.Context)) memory = pool.Allocate<uint>(4, stream);
        memory.Zero(0, 4, Device.Stream);
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

        Assert.That((Device.Context.TotalMemoryInBytes, Device.Context.GetFreeMemoryInBytes()), Is.EqualTo((limit, limit)));
        using (Device.Allocate(1 << 18))
        {
            Assert.That(Device.Context.GetFreeMemoryInBytes(), Is.EqualTo(limit - (1 << 20)));
            var exception = Assert.Throws<CudaException>(() => Device.Allocate(1 << 20))!;
            Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_OUT_OF_MEMORY));
            Assert.That(exception.Message, Does.Contain($"allocating {4 << 20} bytes"));
            using var pool = new CudaMemoryPool(Device.Context);
            using var most = pool.Allocate<byte>(2 << 20, Device.Stream);
            Assert.That(Device.Context.GetFreeMemoryInBytes(), Is.Zero);
            Assert.That(() => pool.Allocate<byte>(1, Device.Stream), Throws.InstanceOf<CudaException>().With.Message.Contains("CUDA_ERROR_OUT_OF_MEMORY"));
        }

        Device.Stream.Synchronize();
        Assert.That(Device.Context.GetFreeMemoryInBytes(), Is.EqualTo(limit), "the pool's memory goes back once the stream has come to the free");
    }
}
