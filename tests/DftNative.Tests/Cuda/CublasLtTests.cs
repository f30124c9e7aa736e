using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>The owned layer of cuBLASLt: plans, their store, what is refused, and that everything is given back.</summary>
[TestFixture]
internal sealed class CublasLtTests : CudaDeviceFixture
{
    private const int Rows = 6, Columns = 10, Depth = 30;

    private CudaDeviceVariable<ushort> left = null!;
    private CudaDeviceVariable<ushort> right = null!;
    private CudaDeviceVariable<float> result = null!;
    private string folder = null!;

    [SetUp]
    public void Open()
    {
        folder = Directory.CreateTempSubdirectory("dftnative-plans-").FullName;
        left = Upload(1, Rows * Depth);
        right = Upload(2, Columns * Depth);
        result = new CudaDeviceVariable<float>(Device.Context, 1000);
        result.Zero(0, result.Length, Device.Stream);
    }

    [TearDown]
    public void Close()
    {
        result?.Dispose();
        right?.Dispose();
        left?.Dispose();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void StructuresHaveTheSizesAndOffsetsOfTheHeader()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Unsafe.SizeOf<cublasLtMatmulAlgo_t>(), Is.EqualTo(64));
            Assert.That(Unsafe.SizeOf<cublasLtMatmulHeuristicResult_t>(), Is.EqualTo(96));
            Assert.That(Offset(nameof(cublasLtMatmulHeuristicResult_t.algo)), Is.Zero);
            Assert.That(Offset(nameof(cublasLtMatmulHeuristicResult_t.workspaceSize)), Is.EqualTo(64));
            Assert.That(Offset(nameof(cublasLtMatmulHeuristicResult_t.state)), Is.EqualTo(72));
            Assert.That(Offset(nameof(cublasLtMatmulHeuristicResult_t.wavesCount)), Is.EqualTo(76));
            Assert.That(Offset(nameof(cublasLtMatmulHeuristicResult_t.reserved)), Is.EqualTo(80));
        });

        static int Offset(string field) => (int)Marshal.OffsetOf<cublasLtMatmulHeuristicResult_t>(field);
    }

    [Test]
    public void TheLibraryTellsItsVersion()
    {
        using var cublasLt = New();
        Assert.That(cublasLt.Version, Is.EqualTo(new Version(12, 4, 1)));
    }

    [Test]
    public void TheWorkspaceIsTheArchitectures()
    {
        Assert.That(CublasLt.WorkspaceSize(new Version(9, 0)), Is.EqualTo(32 << 20));
        Assert.That(CublasLt.WorkspaceSize(new Version(8, 9)), Is.EqualTo(8 << 20));
        using var cublasLt = New();
        Assert.That(cublasLt.WorkspaceSizeInBytes, Is.EqualTo(CublasLt.WorkspaceSize(Device.Context.ComputeCapability)));
    }

    [Test]
    public void TheLibraryIsLookedForByItsExactNames() => Assert.That(
        CudaLibraryResolver.Candidates("cublasLt", folder).Take(2),
        Is.EqualTo(new[] { Path.Combine(folder, "libcublasLt.so.13"), Path.Combine(folder, "libcublasLt.so.12") }));

    [Test]
    public void AProblemHasOnePlan()
    {
        using var cublasLt = New();
        Multiply(cublasLt);
        Multiply(cublasLt);
        Assert.That(cublasLt.PlanCount, Is.EqualTo(1));

        // The result further on, and aligned otherwise; another stride; another type.
        cublasLt.Multiply(Left, false, Right, true, Result with { Pointer = result.DevicePointer + 4 });
        Assert.That(cublasLt.PlanCount, Is.EqualTo(2));
        cublasLt.Multiply(Left, false, Right, true, Result with { RowStride = Columns + 1 });
        Assert.That(cublasLt.PlanCount, Is.EqualTo(3));
        cublasLt.Multiply(Left, false, Right, true, Result with { DataType = cudaDataType.CUDA_R_16BF });
        Assert.That(cublasLt.PlanCount, Is.EqualTo(4));
        cublasLt.Multiply(Left, false, Right, true, Result with { Pointer = result.DevicePointer + 64 });
        Assert.That(cublasLt.PlanCount, Is.EqualTo(4), "alignment beyond 16 bytes is no other problem");
        Device.Stream.Synchronize();
    }

    [Test]
    public void AProblemInWordsIsWholeAndItsOwn()
    {
        var problem = CublasLtProblem.Of(
            Left with { Pointer = left.DevicePointer + 2 }, false, Right with { Pointer = right.DevicePointer + 8 }, true, Result, default);
        Assert.That(problem.ToString(), Is.EqualTo("6x10x30 bf16 bf16^T fp32 strides 30 30 10 aligned 2 8 16"));
        Assert.That(problem.FlopCount, Is.EqualTo(2 * 6 * 10 * 30));
        var other = problem with { TransposeLeft = true, TransposeRight = false, ResultType = cudaDataType.CUDA_R_16BF, HasBias = true };
        Assert.That(other.ToString(), Is.EqualTo("6x10x30 bf16^T bf16 bf16 bias strides 30 30 10 aligned 2 8 16"));
    }

    [Test]
    public void ShapesThatDoNotFitAreRefused()
    {
        using var cublasLt = New();
        Assert.Multiple(() =>
        {
            Assert.That(() => cublasLt.Multiply(Left, false, Right, false, Result), Throws.ArgumentException.With.Message.Contains("[6, 30] times [10, 30] is no [6, 10]"));
            Assert.That(() => cublasLt.Multiply(Left, true, Right, true, Result), Throws.ArgumentException.With.Message.Contains("[6, 30]ᵀ"));
            Assert.That(() => cublasLt.Multiply(Left, false, Right, true, Result with { Rows = 5 }), Throws.ArgumentException);
            Assert.That(() => cublasLt.Multiply(Left, false, Right, true, Result with { Columns = 9 }), Throws.ArgumentException);
            Assert.That(() => cublasLt.Multiply(Left with { Rows = 0 }, false, Right, true, Result with { Rows = 0 }), Throws.ArgumentException.With.Message.Contains("empty"));
            Assert.That(() => cublasLt.Multiply(Left, false, Right with { Rows = 0 }, true, Result with { Columns = 0 }), Throws.ArgumentException.With.Message.Contains("empty"));
            Assert.That(() => cublasLt.Multiply(Left with { Columns = 0 }, false, Right with { Columns = 0 }, true, Result), Throws.ArgumentException.With.Message.Contains("empty"));
            Assert.That(() => cublasLt.Multiply(Left with { RowStride = 29 }, false, Right, true, Result), Throws.ArgumentException.With.Message.Contains("29"));
            Assert.That(() => cublasLt.Multiply(Left, false, Right with { RowStride = 29 }, true, Result), Throws.ArgumentException.With.Message.Contains("29"));
            Assert.That(() => cublasLt.Multiply(Left, false, Right, true, Result with { RowStride = 9 }), Throws.ArgumentException.With.Message.Contains("9"));
            Assert.That(() => cublasLt.Multiply(Left with { DataType = cudaDataType.CUDA_R_32F }, false, Right, true, Result), Throws.ArgumentException.With.Message.Contains("bf16"));
            Assert.That(() => cublasLt.Multiply(Left, false, Right with { DataType = cudaDataType.CUDA_R_32F }, true, Result), Throws.ArgumentException.With.Message.Contains("bf16"));
        });
        Assert.That(cublasLt.PlanCount, Is.Zero);
    }

    [Test]
    public void AProblemWithoutAlgorithmIsNamed()
    {
        using var cublasLt = New();
        Assert.That(
            () => cublasLt.Multiply(Left, false, Right, true, Result, bias: right.DevicePointer),
            Throws.InstanceOf<CudaException>().With.Message.EqualTo("cuBLASLt 12.4.1 has no algorithm for 6x10x30 bf16 bf16^T fp32 bias strides 30 30 10 aligned 16 16 16"));
        Multiply(cublasLt);
        Assert.That(cublasLt.PlanCount, Is.EqualTo(1), "it can still be used");
    }

    [Test]
    public void AfterDisposalNothingRuns()
    {
        var cublasLt = New();
        cublasLt.Dispose();
        cublasLt.Dispose();
        Assert.That(() => Multiply(cublasLt), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void AFaultOfTheDeviceIsReportedWithTheProblem()
    {
        using var cublasLt = New();
        using var unwritten = new CudaDeviceVariable<ushort>(Device.Context, Rows * Depth);
        cublasLt.Multiply(Left with { Pointer = unwritten.DevicePointer }, false, Right, true, Result);
        Assert.That(
            Device.Stream.Synchronize,
            Throws.InstanceOf<CudaException>().With.Message.Contains("cublasLtMatmul, 10 x 6 x 30: B, column 0: byte 0 of an allocation of 360 bytes was never written"));
        Assert.That(
            () => cublasLt.Multiply(Left, false, Right, true, Result),
            Throws.InstanceOf<CudaException>().With.Message.Contains("6x10x30").And.Message.Contains("CUBLAS_STATUS_EXECUTION_FAILED (13)"));
    }

    [Test]
    public void StoredPlansAreUsedAgain()
    {
        var path = Path.Combine(folder, "plans.json");
        float[] first, other;
        using (var cublasLt = New())
        {
            first = Multiply(cublasLt);
            var exported = cublasLt.ExportPlans();
            Assert.That(exported.Count, Is.EqualTo(1));
            exported.Save(path);
        }

        // The second choice splits the sum, and so rounds otherwise: that a plan decides shows in the bits.
        ReplaceFirstAlgorithm(path, algorithm => WithWord(algorithm, 1, 1));
        using (var cublasLt = New(new CublasLtOptions(CublasLtPlanStore.Load(path), Warn: Assert.Fail))) other = Multiply(cublasLt);
        Assert.That(other, Is.Not.EqualTo(first));
        for (var i = 0; i < first.Length; i++) Assert.That(other[i], Is.EqualTo(first[i]).Within(1e-4));
        CublasLtPlanStore.Load(path).Save(path);
        using (var cublasLt = New(new CublasLtOptions(CublasLtPlanStore.Load(path), Warn: Assert.Fail)))
        {
            Assert.That(Multiply(cublasLt), Is.EqualTo(other), "written and read again");
            cublasLt.ExportPlans().Save(path);
        }

        using (var cublasLt = New(new CublasLtOptions(CublasLtPlanStore.Load(path), Warn: Assert.Fail)))
            Assert.That(Multiply(cublasLt), Is.EqualTo(other), "a checkpoint keeps the plan in use");
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1), "no temporary file is left");
    }

    [Test]
    public void ImportedPlansGoBeforeThoseMadeAndStored()
    {
        var path = Path.Combine(folder, "plans.json");
        float[] first;
        using (var cublasLt = New())
        {
            first = Multiply(cublasLt);
            cublasLt.ExportPlans().Save(path);
        }

        var stored = CublasLtPlanStore.Load(path, Assert.Fail);
        ReplaceFirstAlgorithm(path, algorithm => WithWord(algorithm, 1, 1));
        var other = CublasLtPlanStore.Load(path, Assert.Fail);
        using (var cublasLt = New(new CublasLtOptions(stored, Warn: Assert.Fail)))
        {
            Assert.That(Multiply(cublasLt), Is.EqualTo(first));
            Assert.That(cublasLt.ImportPlans(new CublasLtPlanStore()), Is.False, "there are none");
            Assert.That(Multiply(cublasLt), Is.EqualTo(first));
            Assert.That(cublasLt.ImportPlans(other), Is.True);
            Assert.That(Multiply(cublasLt), Is.Not.EqualTo(first));
            Assert.That(cublasLt.ExportPlans().ToJson(), Is.EqualTo(other.ToJson()));
        }

        using (var cublasLt = New(new CublasLtOptions(other, Warn: Assert.Fail)))
            Assert.That(cublasLt.ExportPlans().ToJson(), Is.EqualTo(other.ToJson()), "what no product has asked for yet is the run's too");
    }

    [Test]
    public void PlansOfAnotherDeviceOrLibraryAreNotImported([Values("\"EMULATED", "\"12.4.1")] string key)
    {
        using var cublasLt = New();
        Multiply(cublasLt);
        var json = Encoding.UTF8.GetString(cublasLt.ExportPlans().ToJson());
        Assert.That(json, Does.Contain(key));
        var others = CublasLtPlanStore.FromJson(Encoding.UTF8.GetBytes(json.Replace(key, "\"other ", StringComparison.Ordinal)));
        Assert.That((others.Count, cublasLt.ImportPlans(others)), Is.EqualTo((1, false)));
    }

    [TestCase(0, 1UL, TestName = "AStoredPlanIsRefused(not an algorithm)")]
    [TestCase(2, 1UL, TestName = "AStoredPlanIsRefused(of another problem)")]
    [TestCase(3, 1UL << 40, TestName = "AStoredPlanIsRefused(needs more workspace)")]
    public void AStoredPlanIsRefused(int word, ulong value)
    {
        var path = Path.Combine(folder, "plans.json");
        float[] first;
        using (var cublasLt = New())
        {
            first = Multiply(cublasLt);
            cublasLt.ExportPlans().Save(path);
        }

        ReplaceFirstAlgorithm(path, algorithm => WithWord(algorithm, word, value));
        var warnings = new List<string>();
        using (var cublasLt = New(new CublasLtOptions(CublasLtPlanStore.Load(path), Warn: warnings.Add)))
            Assert.That(Multiply(cublasLt), Is.EqualTo(first), "the first heuristic");
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain("6x10x30").And.Contain("12.4.1"));
    }

    [TestCase("", "JSON")]
    [TestCase("null", "null")]
    [TestCase("{\"format_version\": 1, \"plans\": [", "plans")]
    [TestCase("{\"format_version\": 2, \"plans\": []}", "format is 2")]
    [TestCase("{\"format_version\": 1}", "plans")]
    [TestCase("{\"format_version\": 1, \"plans\": [null]}", "null")]
    [TestCase("{\"format_version\": 1, \"plans\": [{\"device\": \"d\", \"library\": \"l\", \"problem\": \"p\"}]}", "algorithm")]
    [TestCase("{\"format_version\": 1, \"plans\": [{\"device\": \"d\", \"library\": \"l\", \"problem\": \"p\", \"algorithm\": \"00\"}]}", "1 bytes, not 64")]
    [TestCase("{\"format_version\": 1, \"plans\": [{\"device\": \"d\", \"library\": \"l\", \"problem\": \"p\", \"algorithm\": \"xy\"}]}", "hex")]
    public void ACorruptStoreIsNotUsed(string text, string reason)
    {
        var path = Path.Combine(folder, "plans.json");
        File.WriteAllText(path, text);
        var warnings = new List<string>();
        Assert.That(CublasLtPlanStore.Load(path, warnings.Add).Count, Is.Zero);
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(path).And.Contain("are not used").And.Contain(reason));
    }

    [Test]
    public void AMissingStoreIsEmpty() =>
        Assert.That(CublasLtPlanStore.Load(Path.Combine(folder, "none.json"), Assert.Fail).Count, Is.Zero);

    [Test]
    public void TuningStoresItsChoiceAndLeavesTheResultRight([Values] bool accumulate)
    {
        var store = new CublasLtPlanStore();
        float[] tuned;
        using (var cublasLt = New(new CublasLtOptions(store, TunesNewProblems: true, Warn: Assert.Fail))) tuned = Multiply(cublasLt, accumulate);
        Assert.That(store.Count, Is.EqualTo(1));
        using (var cublasLt = New(new CublasLtOptions(store, Warn: Assert.Fail)))
            Assert.That(Multiply(cublasLt, accumulate), Is.EqualTo(tuned), "added to but once, by the stored algorithm");

        float[] first;
        using (var cublasLt = New()) first = Multiply(cublasLt, accumulate);
        for (var i = 0; i < first.Length; i++) Assert.That(tuned[i], Is.EqualTo(first[i]).Within(1e-4));
    }

    [Test]
    public void TuningTimesEachProposalAndThenRestsOnItsChoice()
    {
        using var cublasLt = New(new CublasLtOptions(TunesNewProblems: true));
        CudaEmulator.ResetMatrixProducts();
        Multiply(cublasLt);
        var (products, flops) = CudaEmulator.MatrixProducts();
        Assert.That(products, Is.EqualTo((2 * 16) + 1), "two algorithms, each once and three times five; then the product");
        Assert.That(flops, Is.EqualTo(products * 2 * Rows * Columns * Depth));
        Multiply(cublasLt);
        Assert.That(CudaEmulator.MatrixProducts().Products, Is.EqualTo(products + 1));
    }

    private CublasLtMatrix Left => new(left.DevicePointer, Rows, Depth, Depth, cudaDataType.CUDA_R_16BF);

    private CublasLtMatrix Right => new(right.DevicePointer, Columns, Depth, Depth, cudaDataType.CUDA_R_16BF);

    private CublasLtMatrix Result => new(result.DevicePointer, Rows, Columns, Columns, cudaDataType.CUDA_R_32F);

    private CublasLt New(CublasLtOptions? options = null) => new(Device.Context, Device.Stream, options);

    private CudaDeviceVariable<ushort> Upload(int seed, int count)
    {
        var variable = new CudaDeviceVariable<ushort>(Device.Context, count);
        variable.CopyToDevice([.. CudaBackendFixture.Normal(seed, count).Select(BFloat16Reference.ToBits)], 0, Device.Stream);
        return variable;
    }

    private float[] Multiply(CublasLt cublasLt, bool accumulate = false)
    {
        result.CopyToDevice([.. Enumerable.Repeat(3f, Rows * Columns)], 0, Device.Stream);
        cublasLt.Multiply(Left, false, Right, true, Result, accumulate);
        var values = new float[Rows * Columns];
        result.CopyToHost(values, 0, Device.Stream);
        return values;
    }

    private static void ReplaceFirstAlgorithm(string path, Func<byte[], byte[]> change)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf("\"algorithm\": \"", StringComparison.Ordinal) + "\"algorithm\": \"".Length;
        var end = text.IndexOf('"', begin);
        File.WriteAllText(path, text[..begin] + Convert.ToHexString(change(Convert.FromHexString(text[begin..end]))) + text[end..]);
    }

    private static byte[] WithWord(byte[] algorithm, int word, ulong value)
    {
        MemoryMarshal.Cast<byte, ulong>(algorithm.AsSpan())[word] = value;
        return algorithm;
    }
}
