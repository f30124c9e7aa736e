using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Launches: shared memory beyond what every kernel may have, and many parameters.</summary>
[TestFixture]
internal sealed unsafe class CudaLaunchTests : CudaDeviceFixture
{
    private const int DefaultSharedMemoryInBytes = 48 << 10;
    private const string SmVariable = "DFTNATIVE_EMULATED_SM";

    /// <summary>Writes to the last 4 bytes of shared memory and back.</summary>
    private const string LastShared = """
        #include "memory.cuh"
        extern "C" __global__ void last(unsigned int* data, int length, int elements) {
            const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, elements);
            store(shared, elements - 1, 7u);
            store(GlobalView<unsigned int>{data, length}, 0, load(shared, elements - 1));
        }
        """;

    [Test]
    public void ALaunchHasAllTheSharedMemoryOfTheDevice()
    {
        var expected = Environment.GetEnvironmentVariable(SmVariable) switch
        {
            "86" or "89" => 99 << 10,
            "90" => 227 << 10,
            _ => 163 << 10,
        };
        Assert.That(Device.Context.LargestSharedMemoryPerBlockInBytes, Is.EqualTo(expected));
        using var module = Device.Compile("last.cu", LastShared);
        using var data = Device.Allocate(1);
        var kernel = module.GetKernel("last");
        foreach (var size in new[] { DefaultSharedMemoryInBytes, DefaultSharedMemoryInBytes + 4, expected, 1024 })
        {
            data.Zero(0, 1, Device.Stream);
            kernel.Launch(new LaunchConfiguration(1, 1, size, Device.Stream), data.DevicePointer, 1, size / sizeof(uint));
            var value = new uint[1];
            data.CopyToHost(value, 0, Device.Stream);
            Assert.That(value[0], Is.EqualTo(7u), $"{size} bytes");
        }

        var exception = Assert.Throws<CudaException>(() => kernel.Launch(
            new LaunchConfiguration(1, 1, expected + 1, Device.Stream), data.DevicePointer, 1, 1))!;
        Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE));
        Assert.That(exception.Message, Does.Contain("last").And.Contain($"{expected + 1} bytes").And.Contain($"at most {expected} bytes"));
    }

    [Test]
    [Category("Slow")]
    public void EachEmulatedGpuHasItsOwnLimit([Values(86, 89, 90)] int sm)
    {
        var child = TestProcess.Run(GetType(), nameof(ALaunchHasAllTheSharedMemoryOfTheDevice), (SmVariable, $"{sm}"));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
    }

    /// <summary>What <see cref="CudaKernel"/> does by itself, the driver wants asked for: without, it refuses as CUDA does.</summary>
    [Test]
    public void TheDriverRefusesMoreThanWasAskedFor()
    {
        var image = Device.CompileOnly("last.cu", LastShared).Image;
        fixed (byte* pointer = image)
        fixed (byte* name = "last\0"u8)
        {
            Assert.That(CudaDriver.cuModuleLoadData(out var module, pointer), Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(CudaDriver.cuModuleGetFunction(out var function, module, name), Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(Launch(function, DefaultSharedMemoryInBytes), Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(Launch(function, DefaultSharedMemoryInBytes + 1), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE));
            Assert.That(SetLimit(function, Device.Context.LargestSharedMemoryPerBlockInBytes + 1), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE));
            Assert.That(SetLimit(function, DefaultSharedMemoryInBytes + 8), Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(Launch(function, DefaultSharedMemoryInBytes + 8), Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(Launch(function, DefaultSharedMemoryInBytes + 9), Is.EqualTo(CUresult.CUDA_ERROR_INVALID_VALUE));
            Assert.That(
                CudaDriver.cuFuncGetAttribute(
                    out var limit, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, function),
                Is.EqualTo(CUresult.CUDA_SUCCESS));
            Assert.That(limit, Is.EqualTo(DefaultSharedMemoryInBytes + 8));
            Assert.That(CudaDriver.cuModuleUnload(module), Is.EqualTo(CUresult.CUDA_SUCCESS));
        }
    }

    /// <summary>
    /// The extents that CUDA allows (CUDA C++ Programming Guide, technical specifications per compute capability), and the
    /// status of cuLaunchKernel's refusal of the next larger ones. A refusal is no fault: the context lives on.
    /// </summary>
    [TestCase(1u, 1u, 1u, 1024u, 1u, 1u, CUresult.CUDA_SUCCESS)]
    [TestCase(1u, 1u, 1u, 1u, 1024u, 1u, CUresult.CUDA_SUCCESS)]
    [TestCase(1u, 1u, 1u, 16u, 1u, 64u, CUresult.CUDA_SUCCESS)]
    [TestCase(1u, 65535u, 1u, 1u, 1u, 1u, CUresult.CUDA_SUCCESS)]
    [TestCase(1u, 1u, 65535u, 1u, 1u, 1u, CUresult.CUDA_SUCCESS)]
    [TestCase(65536u, 1u, 1u, 1u, 1u, 1u, CUresult.CUDA_SUCCESS)]
    [TestCase(0u, 1u, 1u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 0u, 1u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 0u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 0u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 1u, 0u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 1u, 1u, 0u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 1025u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 33u, 32u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 1u, 1u, 65u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 1u, 65536u, 65536u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 65536u, 1u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(1u, 1u, 65536u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    [TestCase(0x8000_0000u, 1u, 1u, 1u, 1u, 1u, CUresult.CUDA_ERROR_INVALID_VALUE)]
    public void ALaunchHasTheExtentsThatCudaAllows(
        uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, CUresult expected)
    {
        using var module = Device.Compile("nothing.cu", """extern "C" __global__ void nothing(int value) {}""");
        var kernel = module.GetKernel("nothing");
        var configuration = new LaunchConfiguration(
            new Dimensions(gridX, gridY, gridZ), new Dimensions(blockX, blockY, blockZ), 0, Device.Stream);
        if (expected == CUresult.CUDA_SUCCESS)
        {
            kernel.Launch(configuration, 1);
        }
        else
        {
            var exception = Assert.Throws<CudaException>(() => kernel.Launch(configuration, 1))!;
            Assert.That((exception.Result, exception.IsContextLost), Is.EqualTo((expected, false)));
            Assert.That(exception.Message, Does.Contain("nothing").And.Contain(configuration.Grid.ToString()).And.Contain(configuration.Block.ToString()));
        }

        Device.Stream.Synchronize();
    }

    [Test]
    public void ALaunchOfTwentyParametersAllocatesNothing()
    {
        var parameters = string.Join(", ", Enumerable.Range(0, 18).Select(index => index % 2 == 0 ? $"int p{index}" : $"long long p{index}"));
        var sum = string.Join(" ^ ", Enumerable.Range(0, 18).Select(index => $"static_cast<unsigned int>(p{index} << {index})"));
        using var module = Device.Compile("many.cu", $$"""
            #include "memory.cuh"
            extern "C" __global__ void many(unsigned int* data, int length, {{parameters}}) {
                store(GlobalView<unsigned int>{data, length}, 0, {{sum}});
            }
            """);
        using var data = Device.Allocate(1);
        var kernel = module.GetKernel("many");
        Launch(kernel, data.DevicePointer);
        ManagedAllocation.AssertNone(() =>
        {
            for (var repetition = 0; repetition < 10; repetition++) Launch(kernel, data.DevicePointer);
        });
        var value = new uint[1];
        data.CopyToHost(value, 0, Device.Stream);
        var expected = 0u;
        for (var index = 0; index < 18; index++) expected ^= (uint)(index + 1) << index;
        Assert.That(value[0], Is.EqualTo(expected), "each argument arrives at its parameter");
    }

    private void Launch(CudaKernel kernel, CUdeviceptr data) => kernel.Launch(
        new LaunchConfiguration(1, 1, 0, Device.Stream), data, 1, 1, 2L, 3, 4L, 5, 6L, 7, 8L, 9, 10L, 11, 12L, 13, 14L, 15, 16L, 17, 18L);

    /// <summary>A launch by the raw layer, and its end.</summary>
    private CUresult Launch(CUfunction function, int sharedMemoryInBytes)
    {
        using var data = Device.Allocate(1);
        var (address, length, elements) = (data.DevicePointer, 1, 1);
        void** parameters = stackalloc void*[] { &address, &length, &elements };
        var result = CudaDriver.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, (uint)sharedMemoryInBytes, Device.Stream.Handle, parameters, null);
        Device.Stream.Synchronize();
        return result;
    }

    private static CUresult SetLimit(CUfunction function, int size) =>
        CudaDriver.cuFuncSetAttribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, size);
}
