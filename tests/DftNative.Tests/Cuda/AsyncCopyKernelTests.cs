using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/async_copy.cuh on the emulator: copies come at the wait and no earlier, and whoever reads before is told so.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AsyncCopyKernelTests
{
    private const int Threads = 64;
    private const int Packets = 2 * Threads;

    // {0}: what a thread does between issuing its two packets, in two groups, and reading a packet of shared memory.
    private const string Text = """
        #include "async_copy.cuh"
        extern "C" __global__ void copy(unsigned int* data, int length) {{
            const GlobalView<const unsigned int> source{{data, length / 2}};
            const GlobalView<unsigned int> destination{{data + length / 2, length / 2}};
            const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, length / 2);
            const int thread = threadIdx.x;
            int read = thread;
            copy_packet_async(shared, 4 * thread, source, 4 * thread, {1});
            commit_async_copies();
            copy_packet_async(shared, 4 * (thread + 64), source, 4 * (thread + 64), true);
            commit_async_copies();
            {0}
            store_packet(destination, 4 * thread, load_packet(shared, 4 * read));
            {2}
        }}
        """;

    [SetUp]
    public void RequireEmulator() => CudaEmulator.Require();

    [TearDown]
    public void RestoreOrder() => CudaEmulator.SetOrder(0);

    [TestCase("wait_for_async_copies<1>();", "", 0, TestName = "the first group, while the second is under way")]
    [TestCase("wait_for_async_copies<0>(); read = thread + 64;", "", 64, TestName = "the second group")]
    [TestCase("wait_for_async_copies<0>(); __syncthreads(); read = (thread + 1) % 64;", "", 1, TestName = "another thread's, after the barrier")]
    public void WaitedForCopiesAreThere(string wait, string after, int shift)
    {
        var values = Run(wait, "true", after.Length == 0 ? "wait_for_async_copies<0>();" : after, out var counted);
        for (var thread = 0; thread < Threads; thread++)
        {
            var packet = shift == 1 ? (thread + 1) % Threads : thread + shift;
            Assert.That(values[(4 * thread)..(4 * (thread + 1))], Is.EqualTo(Enumerable.Range(4 * packet, 4).Select(i => (uint)i)));
        }

        Assert.That(counted.BytesReadAsync, Is.EqualTo(Packets * 16));
        Assert.That(counted.SharedBytesWritten, Is.EqualTo(Packets * 16));
    }

    [Test]
    public void WhatDoesNotExistIsZeroAndNotRead()
    {
        var values = Run("wait_for_async_copies<0>();", "thread % 2 == 0", "", out var counted);
        for (var thread = 0; thread < Threads; thread++)
        {
            var expected = thread % 2 == 0 ? Enumerable.Range(4 * thread, 4).Select(i => (uint)i) : Enumerable.Repeat(0u, 4);
            Assert.That(values[(4 * thread)..(4 * (thread + 1))], Is.EqualTo(expected));
        }

        Assert.That(counted.BytesReadAsync, Is.EqualTo(3 * Packets / 4 * 16));
    }

    [TestCase("", "which a cp.async that was not waited for is to write", TestName = "without a wait")]
    [TestCase("wait_for_async_copies<2>();", "which a cp.async that was not waited for is to write", TestName = "two groups may be under way, and are")]
    [TestCase("wait_for_async_copies<1>(); read = thread + 64;", "which a cp.async that was not waited for is to write", TestName = "the second group may be under way, and is")]
    [TestCase("__syncthreads(); wait_for_async_copies<0>(); read = (thread + 1) % 64;", "race on shared byte|a cp.async that was not waited for", TestName = "the barrier before the wait")]
    [TestCase("wait_for_async_copies<0>(); read = (thread + 32) % 64;", "race on shared byte|a cp.async that was not waited for|uninitialised shared byte", TestName = "another thread's without a barrier")]
    [TestCase("store(shared, 4 * thread, 1u); wait_for_async_copies<0>();", "write of shared byte", TestName = "written while under way")]
    [TestCase("wait_for_async_copies<1>();", "ended without having waited for 1 cp.async", TestName = "one never waited for")]
    public void ReadingTooEarlyIsDiagnosedInEveryOrder(string wait, string diagnosis)
    {
        for (ulong order = 0; order <= 2; order++)
        {
            CudaEmulator.SetOrder(order);
            var exception = Assert.Throws<CudaException>(() => Run(wait, "true", "", out _))!;
            Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_LAUNCH_FAILED));
            Assert.That(exception.Message, Does.Match(diagnosis));
        }
    }

    private static uint[] Run(string wait, string exists, string after, out EmulatorCounters counted)
    {
        const int words = 4 * Packets;
        using var device = new TestDevice();
        using var module = device.Compile("copy.cu", string.Format(System.Globalization.CultureInfo.InvariantCulture, Text, wait, exists, after));
        using var data = device.Allocate(2 * words);
        data.CopyToDevice([.. Enumerable.Range(0, words).Select(i => (uint)i)], 0, device.Stream);
        CudaEmulator.ResetCounters();
        module.GetKernel("copy").Launch(new LaunchConfiguration(1, Threads, words * sizeof(uint), device.Stream), data.DevicePointer, 2 * words);
        device.Stream.Synchronize();
        counted = CudaEmulator.CountersOf("copy");
        var written = new uint[4 * Threads];
        data.CopyToHost(written, words, device.Stream);
        return written;
    }
}
