using DftNative.Backends.Cuda;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Broken kernels: the emulator says what is wrong, in which kernel, block and thread, and at which line.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class EmulatorDiagnosisTests
{
    private const int Threads = 64;

    // In each text the lines that can be found at fault are marked: which one is depends on the order.
    private const string Marker = "// fault";

    private static readonly TestCaseData[] BrokenKernels =
    [
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<int> shared = shared_memory<int>(0, 64);
                store(shared, threadIdx.x, static_cast<int>(threadIdx.x));
                const int other = load(shared, (threadIdx.x + 32) % 64); // fault
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, static_cast<unsigned int>(other));
            }
            """, "race on shared byte|read of uninitialised shared byte").SetArgDisplayNames("missing barrier"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, 64);
                store(shared, threadIdx.x, 0u);
                __syncthreads();
                atomic_add(shared, 7, 1u); // fault
                const unsigned int sum = load(shared, 7); // fault
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, sum);
            }
            """, "race on shared byte").SetArgDisplayNames("a sum of atomics read without a barrier"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, 64);
                store(shared, threadIdx.x, 0u); // fault
                atomic_or(shared, 63 - threadIdx.x, 1u); // fault
                __syncthreads();
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, load(shared, threadIdx.x));
            }
            """, "race on shared byte|uninitialised shared byte").SetArgDisplayNames("atomics on words that are not cleared yet"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, 64);
                store(shared, threadIdx.x, 0u);
                __syncthreads();
                atomic_add(shared, static_cast<int>(threadIdx.x) + 1, 1u); // fault
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, 0u);
            }
            """, "out-of-bounds atomic operation of 4 bytes at byte 256").SetArgDisplayNames("an atomic beyond the view"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<int> shared = shared_memory<int>(0, 64);
                store(shared, threadIdx.x, 1);
                __syncthreads();
                const int first = load(shared, 63 - threadIdx.x); // fault
                store(shared, threadIdx.x, first); // fault
                __syncthreads();
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, static_cast<unsigned int>(load(shared, threadIdx.x)));
            }
            """, "race on shared byte").SetArgDisplayNames("missing barrier before a second use"),
        new TestCaseData("""
            #include "reduction.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const SharedView<float> shared = shared_memory<float>(0, 32);
                float sum = warp_sum(1.0f);
                if (threadIdx.x % 32 == 0) store(shared, threadIdx.x / 32, sum);
                sum = warp_sum(threadIdx.x % 32 < 2 ? load(shared, threadIdx.x % 32) : 0.0f); // fault
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, static_cast<unsigned int>(sum));
            }
            """, "race on shared byte|read of uninitialised shared byte").SetArgDisplayNames("a block sum without its barrier"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                store(GlobalView<unsigned int>{data, length}, threadIdx.x + 1, 0u); // fault
            }
            """, "out-of-bounds write of 4 bytes at byte 256 of a view of 256 bytes").SetArgDisplayNames("out of a view"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                store(GlobalView<unsigned int>{data, length * 2}, threadIdx.x + 1, 0u); // fault
            }
            """, "outside any live allocation").SetArgDisplayNames("out of an allocation"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                store_packet(GlobalView<unsigned int>{data, length}, 2, Packet{}); // fault
            }
            """, "misaligned write of 16 bytes at byte 8").SetArgDisplayNames("misaligned"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const GlobalView<unsigned int> view{data, length};
                if (threadIdx.x < 3) store(view, threadIdx.x, 0u);
                __syncthreads();
                store_packet(view, 4, load_packet(GlobalView<const unsigned int>{data, length}, 0)); // fault
            }
            """, "read of uninitialised memory: byte 12 ").SetArgDisplayNames("uninitialised"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                if (threadIdx.x < 32) __syncthreads(); // fault
            }
            """, "divergent barrier").SetArgDisplayNames("a barrier that half of the block reaches"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                if (threadIdx.x < 32) {
                    __syncthreads(); // fault
                } else {
                    __syncthreads(); // fault
                }
            }
            """, "divergent barrier").SetArgDisplayNames("barriers at two places"),
        new TestCaseData("""
            #include "reduction.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                if (threadIdx.x % 32 == 7) return;
                warp_sum(1.0f); // fault
            }
            """, @"names lane 7, which has ended|this thread ended while lane \d+ of its warp waits").SetArgDisplayNames("a warp sum without one lane"),
        new TestCaseData("""
            #include "reduction.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                if (threadIdx.x % 32 == 7) {
                    __syncthreads(); // fault
                } else {
                    warp_sum(1.0f); // fault
                }
            }
            """, "deadlock").SetArgDisplayNames("a lane at a barrier, the others at a warp sum"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                shared_memory<int>(0, 65); // fault
            }
            """, "260 bytes of shared memory from byte 0, but the launch gave 256").SetArgDisplayNames("more shared memory than given"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                unsigned int values[4];
                for (int i = 0; i <= static_cast<int>(threadIdx.x) / 15; i++) values[i] = i; // fault
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, values[3]);
            }
            """, @"out-of-bounds index 4 of 'unsigned int \[4\]'").SetArgDisplayNames("out of a local array"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                const Packet packet{};
                int index = -static_cast<int>(threadIdx.x) / 60;
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, packet.words[index]); // fault
            }
            """, @"out-of-bounds index -1 of 'unsigned int \[4\]'").SetArgDisplayNames("out of a packet"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, 1u << (threadIdx.x / 2 + 1)); // fault
            }
            """, "shift by 32 of 'unsigned int'").SetArgDisplayNames("a shift by the whole width"),
        new TestCaseData("""
            #include "memory.cuh"
            extern "C" __global__ void broken(unsigned int* data, int length) {
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, length / (threadIdx.x / 50 - 1)); // fault
            }
            """, "division by 0 of 'unsigned int'").SetArgDisplayNames("a division by zero"),
    ];

    [SetUp]
    public void RequireEmulator() => CudaEmulator.Require();

    [TearDown]
    public void RestoreOrder() => CudaEmulator.SetOrder(0);

    [TestCaseSource(nameof(BrokenKernels))]
    public void IsDiagnosedInEveryOrder(string text, string expected)
    {
        var lines = text.Split('\n').Select((line, index) => (line, number: index + 1))
            .Where(numbered => numbered.line.Contains(Marker, StringComparison.Ordinal)).Select(numbered => $"broken.cu:{numbered.number}");
        CompiledProgram? program = null;
        for (ulong order = 0; order <= 3; order++)
        {
            CudaEmulator.SetOrder(order);
            using var device = new TestDevice();
            program ??= device.CompileOnly("broken.cu", text);
            using var module = new CudaModule(device.Context, program.Image);
            using var data = device.Allocate(Threads);
            Launch(device, module.GetKernel("broken"), data);

            var exception = Assert.Throws<CudaException>(device.Stream.Synchronize)!;
            Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_LAUNCH_FAILED));
            Assert.That(exception.Message, Does.Match(expected));
            Assert.That(exception.Message, Does.Contain("kernel broken, block (0,0,0), thread ("));
            Assert.That(lines.Any(line => exception.Message.Contains(line, StringComparison.Ordinal)), exception.Message);
            Assert.That(
                () => device.Allocate(1), Throws.InstanceOf<CudaException>(), "a fault is sticky, as on a real device");
        }
    }

    [Test]
    public void ASoundKernelPassesInEveryOrder()
    {
        const string text = """
            #include "reduction.cuh"
            extern "C" __global__ void sound(unsigned int* data, int length) {
                const SharedView<float> scratch = shared_memory<float>(0, 32);
                const float sum = block_sum(static_cast<float>(threadIdx.x), scratch);
                __syncthreads();
                const float twice = block_sum(sum, scratch);
                store(GlobalView<unsigned int>{data, length}, threadIdx.x, static_cast<unsigned int>(twice));
            }
            """;
        using var device = new TestDevice();
        using var module = device.Compile("sound.cu", text);
        using var data = device.Allocate(Threads);
        for (ulong order = 0; order <= 3; order++)
        {
            CudaEmulator.SetOrder(order);
            Launch(device, module.GetKernel("sound"), data);
            var values = new uint[Threads];
            data.CopyToHost(values, 0, device.Stream);
            Assert.That(values, Is.All.EqualTo(Threads * (Threads * (Threads - 1) / 2)));
        }
    }

    private static void Launch(TestDevice device, CudaKernel kernel, CudaDeviceVariable<uint> data) =>
        kernel.Launch(new LaunchConfiguration(1, Threads, 256, device.Stream), data.DevicePointer, Threads);
}
