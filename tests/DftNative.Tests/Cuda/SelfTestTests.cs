using DftNative.Backends.Cuda;
using DftNative.Backends.Cuda.SelfTest;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The vectors of the self-test, which come from the PTX manual, on this machine's device: here the C++ twins. Each vector
/// set must also notice a twin that is wrong.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Gpu")]
internal sealed class SelfTestTests
{
    [SetUp]
    public void RequireDevice() => KernelDevice.Require();

    [TearDown]
    public void RestoreOrder() => CudaEmulator.SetOrder(0);

    [Test]
    public void EveryWrapperDoesAsTheManualSays([Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var report = KernelSelfTest.Run(0);
        Assert.That(report.Results.Where(result => result.Failure is not null), Is.Empty);
        Assert.That(report.Passed);
        Assert.That(report.IsEmulated, Is.EqualTo(!KernelDevice.IsGpuRequired));
        Assert.That(report.Results, Has.Count.EqualTo(25));
    }

    /// <summary>A fault is the device's end: the kernel that did it is named, and the others are not blamed.</summary>
    [Test]
    public void AFaultIsTheFailureOfItsOwnKernel()
    {
        if (KernelDevice.IsGpuRequired) Assert.Ignore("the fault would be this process's last work on the GPU");
        var faulting = LoadMatrixVectors.Launch with { SharedMemoryInBytes = 16 };
        var results = KernelSelfTest.Run(0, [Exp2Vectors.Launch, faulting, BFloat16Vectors.Launch]).Results;
        Assert.That(results[0].Failure, Is.Null);
        Assert.That(results.Skip(1).Take(2).Select(result => result.Failure), Has.All.Contains("CUDA_ERROR_LAUNCH_FAILED"));
        Assert.That(results[3].Failure, Is.EqualTo("not run: self_test_load_matrices faulted before"));
        Assert.That(KernelSelfTest.Run(0).Passed, "a new context is sound");
    }

    /// <summary>The kernel's text changed as if the wrapper did something else: the vectors tell.</summary>
    [TestCase("multiply_accumulate", "{words[0], words[1], words[2], words[3]}", "{words[0], words[2], words[1], words[3]}")]
    [TestCase("multiply_accumulate", "{words[0], words[1], words[2], words[3]}", "{words[1], words[0], words[3], words[2]}")]
    [TestCase("multiply_accumulate", "words[4], words[5]", "words[5], words[4]")]
    [TestCase("multiply_accumulate", "words[4], words[5]", "words[4] << 16 | words[4] >> 16, words[5]")]
    [TestCase("multiply_accumulate", "words[6 + i]", "words[6 + (i ^ 1)]")]
    [TestCase("multiply_accumulate", "words[6 + i]", "words[6 + (i ^ 2)]")]
    [TestCase("load_matrices", "load_matrices<true>", "load_matrices<false>")]
    [TestCase("load_matrices", "load_matrices<false>", "load_matrices<true>")]
    [TestCase("load_matrices", "fragments[i]", "fragments[i ^ 1]")]
    [TestCase("to_bfloat16_pair", "(low, high)", "(high, low)")]
    [TestCase("exp2_approximate", "exp2_approximate(x)", "(1.0000005f * exp2_approximate(x))")]
    [TestCase("warp_reductions", "warp_sum(value)", "warp_reduce<Sum, 16>(value)")]
    [TestCase("warp_reductions", "warp_max(value)", "-warp_max(-value)")]
    [TestCase("warp_reductions", "warp_any(value > 64.0f)", "value > 64.0f")]
    [TestCase("streaming_loads", "low | high << 16", "high | low << 16")]
    [TestCase("copy_packet_async", "begin < 0 ? nowhere : begin, begin >= 0", "begin < 0 ? 0 : begin, true")]
    [TestCase("copy_element_async", "place < 0 ? nowhere : place, place >= 0", "place < 0 ? 0 : place, true")]
    [Category("Slow")]
    public void AWrapperThatDoesSomethingElseIsNoticed(string kernel, string text, string changed)
    {
        var launch = KernelSelfTest.Launches.Single(launch => launch.Kernel.EntryPoint == $"self_test_{kernel}");
        var source = KernelSources.Read(launch.Kernel.FileName).Text;
        Assert.That(source, Does.Contain(text));
        using var device = new TestDevice();
        using var module = device.Compile(launch.Kernel.FileName, source.Replace(text, changed, StringComparison.Ordinal));
        var output = KernelSelfTest.Execute(launch, device.Context, device.Stream, module.GetKernel(launch.Kernel.EntryPoint));
        Assert.That(launch.Judge(output).Count(result => result.Failure is not null), Is.Positive);
    }

    /// <summary>Each launch counted against the banner of kernels/self_test.cu.</summary>
    [Test]
    public void BytesAreThoseOfTheBanner()
    {
        CudaEmulator.ResetCounters();
        KernelSelfTest.Run(0);
        foreach (var launch in KernelSelfTest.Launches)
        {
            var counted = CudaEmulator.CountersOf(launch.Kernel.EntryPoint);
            Assert.That(counted.BytesWritten, Is.EqualTo(4 * launch.OutputLength), launch.Kernel.EntryPoint);
            var passes = launch.Kernel == SelfTestKernels.StreamingLoads ? 4 : 1;
            Assert.That(
                counted.BytesReadReused + counted.BytesReadStreaming + counted.BytesReadAsync, Is.AtMost(4 * passes * launch.Input.Length),
                launch.Kernel.EntryPoint);
            Assert.That((counted.Launches, counted.Threads), Is.EqualTo((1, 32)), launch.Kernel.EntryPoint);
        }
    }

    /// <summary>
    /// mma.cuh counts for itself: of each matrix, how many of the eight rows, from the first on, must wait for another that
    /// lies in the same banks. The kernel loads four matrices twice.
    /// </summary>
    [Test]
    public void EveryRowOfAMatrixThatWaitsForAnotherIsCounted()
    {
        CudaEmulator.Require();
        Assert.That(BankConflicts(lane => lane), Is.Zero, "rows one behind the other");
        Assert.That(BankConflicts(lane => (lane % 8 * 8) + (lane / 8)), Is.EqualTo(2 * 4 * 7), "a column of a tile without a swizzle");
        for (var matrix = 0; matrix < 4; matrix++)
            Assert.That(BankConflicts(lane => lane == 8 * matrix ? lane + 9 : lane), Is.EqualTo(2), $"the first two rows of matrix {matrix}");
        for (var row = 0; row < 8; row++)
        {
            // In each matrix one row takes the banks of another, 128 bytes further on.
            for (var other = row + 1; other < 8; other++)
                Assert.That(BankConflicts(lane => lane % 8 == row ? (8 * (lane / 8)) + 8 + other : lane), Is.EqualTo(2 * 4), $"rows {row} and {other}");
        }
    }

    /// <summary>Conflicts of load_matrices twice, where a lane's row is the n-th 16 bytes of shared memory.</summary>
    private static long BankConflicts(Func<int, int> rowOf)
    {
        const int rows = 64;
        const int elementsPerRow = 8;
        const int wordsPerRow = 4;
        var launch = LoadMatrixVectors.Launch with
        {
            Input = [.. Enumerable.Range(0, 32).Select(lane => (uint)(elementsPerRow * rowOf(lane))), .. new uint[rows * wordsPerRow]],
            SharedMemoryInBytes = rows * wordsPerRow * sizeof(uint),
        };
        CudaEmulator.ResetCounters();
        KernelSelfTest.Run(0, [launch]);
        return CudaEmulator.CountersOf(launch.Kernel.EntryPoint).BankConflicts;
    }
}
