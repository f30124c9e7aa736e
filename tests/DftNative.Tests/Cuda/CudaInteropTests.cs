using System.Runtime.InteropServices;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>Sizes, offsets and values of the raw layer, as a C compiler gives them for cuda.h and nvrtc.h 12.4 on x86-64.</summary>
[TestFixture]
internal sealed unsafe class CudaInteropTests
{
    [Test]
    public void HandlesHaveTheSizeOfTheirC()
    {
        Assert.That(sizeof(CUdevice), Is.EqualTo(4), "an int");
        foreach (var size in new[]
            {
                sizeof(CUdeviceptr), sizeof(CUcontext), sizeof(CUstream), sizeof(CUevent), sizeof(CUmodule), sizeof(CUfunction),
                sizeof(CUmemoryPool), sizeof(nvrtcProgram),
            })
        {
            Assert.That(size, Is.EqualTo(8), "a pointer");
        }

        Assert.That((sizeof(CUresult), sizeof(nvrtcResult), sizeof(CUdevice_attribute)), Is.EqualTo((4, 4, 4)), "an enum");
    }

    [Test]
    public void PoolPropertiesLieAsInCudaH()
    {
        Assert.That((sizeof(CUmemLocation), sizeof(CUmemPoolProps)), Is.EqualTo((8, 88)));
        Assert.That(OffsetOf<CUmemLocation>("type"), Is.Zero);
        Assert.That(OffsetOf<CUmemLocation>("id"), Is.EqualTo(4));
        (string Name, int Offset)[] expected =
            [("allocType", 0), ("handleTypes", 4), ("location", 8), ("win32SecurityAttributes", 16), ("maxSize", 24), ("reserved", 32)];
        foreach (var (name, offset) in expected) Assert.That(OffsetOf<CUmemPoolProps>(name), Is.EqualTo(offset), name);
    }

    [TestCase(CUresult.CUDA_ERROR_OUT_OF_MEMORY, 2)]
    [TestCase(CUresult.CUDA_ERROR_STUB_LIBRARY, 34)]
    [TestCase(CUresult.CUDA_ERROR_NO_DEVICE, 100)]
    [TestCase(CUresult.CUDA_ERROR_INVALID_DEVICE, 101)]
    [TestCase(CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, 209)]
    [TestCase(CUresult.CUDA_ERROR_INVALID_HANDLE, 400)]
    [TestCase(CUresult.CUDA_ERROR_NOT_READY, 600)]
    [TestCase(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, 700)]
    [TestCase(CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701)]
    [TestCase(CUresult.CUDA_ERROR_LAUNCH_FAILED, 719)]
    [TestCase(CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803)]
    [TestCase(CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE, 804)]
    public void StatusesHaveCudasNumbers(CUresult result, int number) => Assert.That((int)result, Is.EqualTo(number));

    [Test]
    public void AttributesHaveCudasNumbers()
    {
        Assert.That((int)CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, Is.EqualTo(8));
        Assert.That((int)CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, Is.EqualTo(38));
        Assert.That((int)CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, Is.EqualTo(97));
        Assert.That((int)CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, Is.EqualTo(4));
        Assert.That((int)CUmemPool_attribute.CU_MEMPOOL_ATTR_USED_MEM_CURRENT, Is.EqualTo(7));
    }

    private static int OffsetOf<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
