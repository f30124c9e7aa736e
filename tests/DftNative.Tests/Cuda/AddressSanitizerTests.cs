using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The emulator's AddressSanitizer mode, in which an access around memory.cuh's views is seen too. A fault ends the process,
/// and libasan has to be there before everything else, so each run is a second process.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed class AddressSanitizerTests
{
    private const string ModeVariable = "DFTNATIVE_EMULATOR_ASAN";
    private const int Threads = 64;

    /// <summary>The second processes share what they compile.</summary>
    private static readonly string CacheFolder = Path.Combine(Path.GetTempPath(), $"dftnative-asan-{System.Environment.ProcessId}");

    private static bool IsChild => System.Environment.GetEnvironmentVariable(ModeVariable) == "1";

    [SetUp]
    public void RequireEmulator() => CudaEmulator.Require();

    [OneTimeTearDown]
    public void DeleteCache()
    {
        if (Directory.Exists(CacheFolder)) Directory.Delete(CacheFolder, recursive: true);
    }

    /// <summary>Kernels with one warp and with several: shared memory, collectives, asynchronous copies, matrices.</summary>
    [TestCase(typeof(SelfTestTests))]
    [TestCase(typeof(AttentionForwardTests))]
    [TestCase(typeof(SwiGluTests))]
    [TestCase(typeof(TokenLossTests))]
    [TestCase(typeof(ResidualRmsNormTests))]
    public void KernelsPass(Type fixture)
    {
        var child = TestProcess.RunQuick(fixture, Environment());
        Assert.That(child.ExitCode, Is.Zero, child.Output);
        Assert.That(child.Output, Does.Match("succeeded: [1-9]").And.Match("failed: 0").And.Not.Contain("AddressSanitizer"));
    }

    [Test]
    public void AnOverrunOfGlobalMemoryIsCaught() => AssertCaught(
        nameof(AnOverrunOfGlobalMemoryIsCaught), "data[length + threadIdx.x] = 0;", "heap-buffer-overflow");

    [Test]
    public void AReadBeforeGlobalMemoryIsCaught() => AssertCaught(
        nameof(AReadBeforeGlobalMemoryIsCaught), "data[threadIdx.x] = data[-1];", "heap-buffer-overflow");

    [Test]
    public void AnOverrunOfSharedMemoryIsCaught() => AssertCaught(
        nameof(AnOverrunOfSharedMemoryIsCaught), "shared_memory<unsigned int>(0, 64).data[threadIdx.x + 1] = 0;", "heap-buffer-overflow");

    /// <summary>A pointer into a local array, which the compiler's bounds check cannot follow; in a fiber's stack.</summary>
    [Test]
    public void AnOverrunOfALocalArrayIsCaught() => AssertCaught(
        nameof(AnOverrunOfALocalArrayIsCaught),
        "__syncthreads(); unsigned int values[4]; unsigned int* value = values; for (int i = 0; i <= length / 16; i++) *value++ = i; data[0] = values[length / 32];",
        "stack-buffer-overflow");

    /// <summary>What a view does see is diagnosed as ever, and the process goes on.</summary>
    [Test]
    public void DiagnosesStay()
    {
        if (!IsChild)
        {
            var child = TestProcess.Run(GetType(), nameof(DiagnosesStay), Environment());
            Assert.That(child.ExitCode, Is.Zero, child.Output);
            return;
        }

        // The frames that the first fault abandons must not trouble the second launch.
        for (var repetition = 0; repetition < 2; repetition++)
        {
            var exception = Assert.Throws<CudaException>(() => Run("""
                unsigned int values[4]; unsigned int* value = values; for (int i = 0; i < 4; i++) *value++ = i;
                __syncthreads();
                store(GlobalView<unsigned int>{data, length}, threadIdx.x + 1, values[length / 32]);
                """))!;
            Assert.That(exception.Message, Does.Contain("out-of-bounds write of 4 bytes at byte 256 of a view of 256 bytes"));
        }

        Run("__syncthreads(); unsigned int values[4] = {}; store(GlobalView<unsigned int>{data, length}, threadIdx.x, values[length / 32]);");
    }

    private static void AssertCaught(string test, string statements, string kind)
    {
        if (IsChild)
        {
            Run(statements);
            Assert.Fail("the overrun went unseen");
        }

        var child = TestProcess.Run(typeof(AddressSanitizerTests), test, Environment());
        Assert.That(child.ExitCode, Is.Not.Zero);
        Assert.That(child.Output, Does.Contain($"ERROR: AddressSanitizer: {kind}").And.Contain("in overrun"));
    }

    /// <summary>One block of a kernel that consists of those statements, on 64 words that are there and written.</summary>
    private static void Run(string statements)
    {
        using var device = new TestDevice();
        using var module = device.Compile("overrun.cu", $$"""
            #include "memory.cuh"
            extern "C" __global__ void overrun(unsigned int* data, int length) {
                {{statements}}
            }
            """);
        using var data = device.Allocate(Threads);
        data.CopyToDevice(new uint[Threads], 0, device.Stream);
        module.GetKernel("overrun").Launch(
            new LaunchConfiguration(1, Threads, Threads * sizeof(uint), device.Stream), data.DevicePointer, Threads);
        device.Stream.Synchronize();
    }

    /// <summary>What the second process needs; skips the test where g++ came without libasan.</summary>
    private static (string Name, string Value)[] Environment()
    {
        var library = Command.Run("g++", ["-print-file-name=libasan.so"])!.Output.Trim();
        if (!Path.IsPathRooted(library)) Assert.Ignore("g++ has no libasan");
        return
        [
            (ModeVariable, "1"), ("LD_PRELOAD", library), ("DFTNATIVE_KERNEL_CACHE", CacheFolder),
            // .NET handles SIGSEGV itself, and frees nothing at the end; kernels run on stacks that libasan does not know.
            ("ASAN_OPTIONS", "handle_segv=0:use_sigaltstack=0:detect_leaks=0:detect_stack_use_after_return=0"),
        ];
    }
}
