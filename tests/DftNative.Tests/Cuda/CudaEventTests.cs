using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Events: what they order, what they measure, and CUDA's statuses where there is nothing to measure.</summary>
[TestFixture]
internal sealed class CudaEventTests : CudaDeviceFixture
{
    [Test]
    public void AnEventHappensWhenItsStreamComesToIt()
    {
        using var mark = new CudaEvent(Device.Context);
        using var data = Device.Allocate(4);
        Assert.That(mark.HasHappened(), "one that was never recorded holds nobody up");
        mark.Synchronize();
        data.Zero(0, 4, Device.Stream);
        mark.Record(Device.Stream);
        Assert.That(mark.HasHappened(), Is.False);
        var asked = 1;
        while (!mark.HasHappened()) asked++;
        Assert.That(asked, Is.LessThan(10), "asking lets time pass");
        mark.Record(Device.Stream);
        mark.Synchronize();
        Assert.That(mark.HasHappened());
    }

    [Test]
    public void TwoEventsMeasureTime()
    {
        using var start = new CudaEvent(Device.Context);
        using var end = new CudaEvent(Device.Context);
        using var data = Device.Allocate(1 << 20);
        start.Record(Device.Stream);
        data.Zero(0, data.Length, Device.Stream);
        end.Record(Device.Stream);
        Assert.That(StatusOf(() => end.ElapsedMillisecondsSince(start)), Is.EqualTo(CUresult.CUDA_ERROR_NOT_READY));
        end.Synchronize();
        Assert.That(end.ElapsedMillisecondsSince(start), Is.GreaterThan(0).And.LessThan(60_000));
        Assert.That(start.ElapsedMillisecondsSince(end), Is.Negative);
    }

    [Test]
    public void WithoutARecordOrTimeThereIsNothingToMeasure()
    {
        using var start = new CudaEvent(Device.Context);
        using var end = new CudaEvent(Device.Context);
        using var timeless = new CudaEvent(Device.Context, hasTime: false);
        start.Record(Device.Stream);
        timeless.Record(Device.Stream);
        Device.Stream.Synchronize();
        Assert.That(StatusOf(() => end.ElapsedMillisecondsSince(start)), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_HANDLE), "never recorded");
        Assert.That(StatusOf(() => timeless.ElapsedMillisecondsSince(start)), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_HANDLE), "without time");
    }

    [Test]
    public void AStreamWaitsForAnother()
    {
        using var other = new CudaStream(Device.Context);
        using var mark = new CudaEvent(Device.Context, hasTime: false);
        using var source = Device.Allocate(2);
        using var copy = Device.Allocate(2);
        using var later = new CudaPageLockedHostMemory<uint>(Device.Context, 4);
        new uint[] { 3, 4, 5, 6 }.CopyTo(later.Span);
        source.CopyToDevice([1, 2], 0, Device.Stream);
        source.QueueCopyToDevice(later, 0, 0, 2, Device.Stream);

        var values = new uint[2];
        source.CopyToDevice(0, copy, 0, 2, other);
        copy.CopyToHost(values, 0, other);
        Assert.That(values, Is.EqualTo(new uint[] { 1, 2 }), "the emulator lets the other stream run late");

        mark.Record(Device.Stream);
        source.QueueCopyToDevice(later, 2, 0, 2, Device.Stream);
        other.WaitFor(mark);
        mark.Record(other);
        source.CopyToDevice(0, copy, 0, 2, other);
        copy.CopyToHost(values, 0, other);
        Assert.That(values, Is.EqualTo(new uint[] { 3, 4 }), "as far as the mark was when the wait was queued, and no further");
        source.CopyToHost(values, 0, Device.Stream);
        Assert.That(values, Is.EqualTo(new uint[] { 5, 6 }));
    }

    [Test]
    public void WhoWaitsStillDoesAfterTheEventHasEnded()
    {
        using var other = new CudaStream(Device.Context);
        using var source = Device.Allocate(1);
        using var copy = Device.Allocate(1);
        using (var mark = new CudaEvent(Device.Context, hasTime: false))
        {
            other.WaitFor(mark);
            source.CopyToDevice([9], 0, Device.Stream);
            mark.Record(Device.Stream);
            other.WaitFor(mark);
        }

        var values = new uint[1];
        source.CopyToDevice(0, copy, 0, 1, other);
        copy.CopyToHost(values, 0, other);
        Assert.That(values[0], Is.EqualTo(9u));
    }

    [Test]
    public void WhatHasEndedIsRefused()
    {
        var mark = new CudaEvent(Device.Context);
        Assert.That(CudaResources.Events, Is.EqualTo(1));
        mark.Dispose();
        mark.Dispose();
        Assert.That(CudaResources.Events, Is.Zero);
        Assert.That(() => mark.Record(Device.Stream), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(CudaDriver.cuEventRecord(new CUevent(1), Device.Stream.Handle), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_HANDLE));
    }

    private static CUresult StatusOf(Action action) => Assert.Throws<CudaException>(action)!.Result;
}
