using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>The look-alike of cuBLASLt through the raw bindings: what it refuses, and what it reports as a fault.</summary>
[TestFixture]
[NonParallelizable]
internal sealed unsafe class EmulatedCublasLtTests
{
    private const int Rows = 8, Columns = 4, Depth = 16;

    private TestDevice device = null!;
    private CudaDeviceVariable<ushort> memory = null!;
    private CudaDeviceVariable<byte> workspace = null!;
    private cublasLtHandle_t handle;
    private cublasLtMatmulDesc_t description;
    private cublasLtMatrixLayout_t a, b, d;
    private cublasLtMatmulPreference_t preference;
    private float beta;

    /// <summary>Column-major, as the library has it: A [16, 8] transposed, B [16, 4], D [8, 4] of fp32.</summary>
    [SetUp]
    public void Open()
    {
        CudaEmulator.Require();
        device = new TestDevice();
        memory = new CudaDeviceVariable<ushort>(device.Context, 1024);
        memory.CopyToDevice([.. Enumerable.Repeat((ushort)0x3F80, 512)], 0, device.Stream);
        workspace = new CudaDeviceVariable<byte>(device.Context, 4096);
        Expect(CublasLtLibrary.cublasLtCreate(out handle));
        Expect(CublasLtLibrary.cublasLtMatmulDescCreate(out description, cublasComputeType_t.CUBLAS_COMPUTE_32F, cudaDataType.CUDA_R_32F));
        Expect(Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSA, (int)cublasOperation_t.CUBLAS_OP_T));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out a, cudaDataType.CUDA_R_16BF, Depth, Rows, Depth));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out b, cudaDataType.CUDA_R_16BF, Depth, Columns, Depth));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out d, cudaDataType.CUDA_R_32F, Rows, Columns, Rows));
        Expect(CublasLtLibrary.cublasLtMatmulPreferenceCreate(out preference));
        beta = 0;
    }

    [TearDown]
    public void Close()
    {
        if (device is null) return;
        Expect(CublasLtLibrary.cublasLtMatmulPreferenceDestroy(preference));
        foreach (var layout in new[] { a, b, d }) Expect(CublasLtLibrary.cublasLtMatrixLayoutDestroy(layout));
        Expect(CublasLtLibrary.cublasLtMatmulDescDestroy(description));
        Expect(CublasLtLibrary.cublasLtDestroy(handle));
        workspace.Dispose();
        memory.Dispose();
        device.Dispose();
    }

    [Test]
    public void AProductOfOnesIsItsDepth()
    {
        Expect(Multiply(Propose()[^1].algo));
        Assert.That(Result(), Is.All.EqualTo((float)Depth));
    }

    [Test]
    public void WorkRunsAsLateAsItMay()
    {
        Expect(Multiply(Propose()[0].algo));
        CudaEmulator.ResetMatrixProducts();
        Assert.That(CudaEmulator.MatrixProducts().Products, Is.Zero);
        device.Stream.Synchronize();
        Assert.That(CudaEmulator.MatrixProducts(), Is.EqualTo((1L, 2L * Rows * Columns * Depth)));
    }

    [Test]
    public void AnythingGoesOnlyWithoutAMask()
    {
        Assert.That(Propose(), Has.Length.EqualTo(2), "no workspace: no parts in it; but parts in the result");
        SetPreference(cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, 2u);
        Assert.That(Propose(), Has.Length.EqualTo(1));
        SetPreference(cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, 2ul * Rows * Columns * 4);
        Assert.That(Propose().Select(result => (int)result.workspaceSize), Is.EqualTo(new[] { 0, 256 }));
    }

    [Test]
    public void AttributesOfAnotherSizeAreRefused()
    {
        byte value = 1;
        Assert.That(
            CublasLtLibrary.cublasLtMatmulDescSetAttribute(description, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSB, &value, 1),
            Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        Assert.That(
            CublasLtLibrary.cublasLtMatmulPreferenceSetAttribute(
                preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &value, 4),
            Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
    }

    [TestCase(Depth - 1, Depth, Rows, cudaDataType.CUDA_R_16BF, cudaDataType.CUDA_R_32F, cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE)]
    [TestCase(Depth, Depth - 1, Rows, cudaDataType.CUDA_R_16BF, cudaDataType.CUDA_R_32F, cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE)]
    [TestCase(Depth, Depth, Rows - 1, cudaDataType.CUDA_R_16BF, cudaDataType.CUDA_R_32F, cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE)]
    [TestCase(Depth, Depth, Rows, cudaDataType.CUDA_R_32F, cudaDataType.CUDA_R_32F, cublasStatus_t.CUBLAS_STATUS_NOT_SUPPORTED)]
    [TestCase(Depth, Depth, Rows, cudaDataType.CUDA_R_16BF, cudaDataType.CUDA_R_16BF, cublasStatus_t.CUBLAS_STATUS_SUCCESS)]
    public void LayoutsAreChecked(int aLeading, int bLeading, int dLeading, cudaDataType operands, cudaDataType result, cublasStatus_t expected)
    {
        foreach (var layout in new[] { a, b, d }) Expect(CublasLtLibrary.cublasLtMatrixLayoutDestroy(layout));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out a, operands, Depth, Rows, aLeading));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out b, operands, Depth, Columns, bLeading));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out d, result, Rows, Columns, dLeading));
        Assert.That(TryPropose(out _), Is.EqualTo(expected));
    }

    [Test]
    public void ShapesAreChecked()
    {
        Expect(Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSB, (int)cublasOperation_t.CUBLAS_OP_T));
        Assert.That(TryPropose(out _), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
    }

    [Test]
    public void AnAlgorithmIsForItsProblemAndItsAlignment()
    {
        var algorithm = Propose()[^1].algo;
        Assert.That(Multiply(algorithm, dOffset: 4), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE), "256 bytes were promised");
        Assert.That(Multiply(default), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        foreach (var attribute in Enum.GetValues<cublasLtMatmulPreferenceAttributes_t>().Where(value => value.ToString().Contains("ALIGNMENT", StringComparison.Ordinal)))
            SetPreference(attribute, 2u);
        Expect(Multiply(Propose()[^1].algo, dOffset: 4));

        Expect(CublasLtLibrary.cublasLtMatrixLayoutDestroy(d));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out d, cudaDataType.CUDA_R_32F, Rows, Columns, Rows + 1));
        Assert.That(Multiply(algorithm), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
    }

    [Test]
    public void TheWorkspaceIsChecked()
    {
        SetPreference(cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, 256ul);
        var algorithm = Propose()[^1];
        Assert.That((int)algorithm.workspaceSize, Is.EqualTo(256));
        Assert.That(Multiply(algorithm.algo, workspaceSize: 255), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        Assert.That(Multiply(algorithm.algo, workspaceOffset: 8), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        Expect(Multiply(algorithm.algo, workspaceOffset: 4096 - 16));
        Assert.That(Fault(), Does.Contain("the workspace is outside any live allocation"));
    }

    [Test]
    public void ADestroyedHandleIsRefused()
    {
        Expect(CublasLtLibrary.cublasLtMatmulPreferenceDestroy(preference));
        Assert.That(TryPropose(out _), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        Assert.That(CublasLtLibrary.cublasLtMatmulPreferenceDestroy(preference), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE));
        Expect(CublasLtLibrary.cublasLtMatmulPreferenceCreate(out preference));
    }

    [TestCase(512, 0, 768, "A, column 0: byte 1024 of an allocation of 2048 bytes was never written")]
    [TestCase(0, 480, 768, "B, column 2: byte 1024 ")]
    [TestCase(0, 960, 768, "B, column 0: byte 1920 ")]
    [TestCase(0, 1008, 768, "B, column 0: byte 2016 ")]
    [TestCase(1024, 0, 768, "A, column 0: memory outside any live allocation")]
    [TestCase(0, 128, 64, "D overlaps A or B")]
    [TestCase(0, 128, 128, "D overlaps A or B")]
    [TestCase(0, 128, 992, "D is outside any live allocation")]
    public void WrongMemoryIsAFault(int aOffset, int bOffset, int dOffset, string expected)
    {
        foreach (var attribute in Enum.GetValues<cublasLtMatmulPreferenceAttributes_t>().Where(value => value.ToString().Contains("ALIGNMENT", StringComparison.Ordinal)))
            SetPreference(attribute, 4u);
        Expect(Multiply(Propose()[^1].algo, aOffset, bOffset, dOffset * 2));
        Assert.That(Fault(), Does.Contain("cublasLtMatmul, 8 x 4 x 16: ").And.Contain(expected));
    }

    [Test]
    public void AnAddendMustBeWritten()
    {
        var algorithm = Propose()[^1].algo;
        beta = 1;
        Expect(Multiply(algorithm));
        Assert.That(Fault(), Does.Contain("C, column 0: byte 1536 "));
    }

    [Test]
    public void ABiasMustBeWritten()
    {
        Expect(CublasLtLibrary.cublasLtMatrixLayoutDestroy(d));
        Expect(CublasLtLibrary.cublasLtMatrixLayoutCreate(out d, cudaDataType.CUDA_R_16BF, Rows, Columns, Rows));
        Expect(Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE, (int)cublasLtEpilogue_t.CUBLASLT_EPILOGUE_BIAS));
        Assert.That(Multiply(Propose()[^1].algo), Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_INVALID_VALUE), "no bias at all");
        var bias = memory.DevicePointer + 1020;
        Expect(CublasLtLibrary.cublasLtMatmulDescSetAttribute(
            description, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof(ulong)));
        Expect(Multiply(Propose()[^1].algo));
        Assert.That(Fault(), Does.Contain("bias: byte 1024 "));
    }

    private static void Expect(cublasStatus_t status) => Assert.That(status, Is.EqualTo(cublasStatus_t.CUBLAS_STATUS_SUCCESS));

    private cublasStatus_t Set(cublasLtMatmulDescAttributes_t attribute, int value) =>
        CublasLtLibrary.cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof(int));

    private void SetPreference<T>(cublasLtMatmulPreferenceAttributes_t attribute, T value)
        where T : unmanaged => Expect(CublasLtLibrary.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, (nuint)sizeof(T)));

    private cublasLtMatmulHeuristicResult_t[] Propose()
    {
        Expect(TryPropose(out var results));
        return results;
    }

    private cublasStatus_t TryPropose(out cublasLtMatmulHeuristicResult_t[] results)
    {
        const int most = 4;
        var all = new cublasLtMatmulHeuristicResult_t[most];
        fixed (cublasLtMatmulHeuristicResult_t* pointer = all)
        {
            var status = CublasLtLibrary.cublasLtMatmulAlgoGetHeuristic(handle, description, a, b, d, d, preference, most, pointer, out var count);
            results = status == cublasStatus_t.CUBLAS_STATUS_SUCCESS ? all[..count] : [];
            return status;
        }
    }

    /// <summary>A from bf16 element <paramref name="aOffset"/>, B likewise, D from byte 1536 or the given one.</summary>
    private cublasStatus_t Multiply(
        cublasLtMatmulAlgo_t algorithm, int aOffset = 0, int bOffset = 128, int dOffset = 0, int workspaceOffset = 0, int workspaceSize = 4096)
    {
        var alpha = 1f;
        var addend = beta;
        var target = memory.DevicePointer + (dOffset is 0 or 4 ? 1536 + dOffset : dOffset);
        return CublasLtLibrary.cublasLtMatmul(
            handle, description, &alpha, memory.DevicePointer + (2 * aOffset), a, memory.DevicePointer + (2 * bOffset), b, &addend, target, d,
            target, d, &algorithm, workspace.DevicePointer + workspaceOffset, (nuint)workspaceSize, device.Stream.Handle);
    }

    private float[] Result()
    {
        var values = new ushort[Rows * Columns * 2];
        memory.CopyToHost(values, 768, device.Stream);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, float>(values).ToArray();
    }

    private string Fault() => Assert.Throws<CudaException>(device.Stream.Synchronize)!.Message;
}
