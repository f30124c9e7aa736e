using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// cuBLASLt for row-major bf16 matrices on one stream: fp32 sums, a bf16 or fp32 result. A problem's plan is made on its
/// first use and kept; after that a product allocates nothing. The workspace belongs to the stream, so that no two
/// products use it at once. Not thread-safe.
/// </summary>
public sealed partial class CublasLt : IDisposable
{
    private readonly CudaContext context;
    private readonly CudaStream stream;
    private readonly CublasLtOptions options;
    private readonly CudaDeviceVariable<byte> workspace;
    private readonly Dictionary<CublasLtProblem, CublasLtPlan> plans = [];
    private cublasLtHandle_t handle;
    private CublasLtPlanStore stored;

    /// <summary>Begins to use the library.</summary>
    /// <param name="context">Where.</param>
    /// <param name="stream">Where products are queued.</param>
    /// <param name="options">How algorithms are chosen; null: the first heuristic.</param>
    /// <exception cref="CudaLibraryNotFoundException">There is no cuBLASLt.</exception>
    /// <exception cref="CudaException">It is newer than the driver.</exception>
    public CublasLt(CudaContext context, CudaStream stream, CublasLtOptions? options = null)
    {
        this.context = context;
        this.stream = stream;
        this.options = options ?? new CublasLtOptions();
        stored = this.options.Plans ?? new CublasLtPlanStore();
        context.SetCurrent();
        Version = GetLibraryVersion();
        if (CudaCompatibility.ProblemOfCublasLt(Version, context.DriverVersion) is { } problem) throw new CudaException(problem);
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtCreate(out handle));
        CudaResources.AddCublasLtObject(1);
        try
        {
            workspace = new CudaDeviceVariable<byte>(context, WorkspaceSize(context.ComputeCapability));
        }
        catch
        {
            DestroyHandle();
            throw;
        }
    }

    /// <summary>The library's version.</summary>
    public Version Version { get; }

    /// <summary>Bytes of the workspace.</summary>
    public long WorkspaceSizeInBytes => workspace.SizeInBytes;

    /// <summary>How many problems have a plan.</summary>
    public int PlanCount => plans.Count;

    /// <summary>Queues result = op(left) · op(right) (+ result) (+ bias).</summary>
    /// <param name="left">[rows, depth] bf16, or [depth, rows] where transposed.</param>
    /// <param name="transposeLeft">Whether op transposes it.</param>
    /// <param name="right">[depth, columns] bf16, or [columns, depth] where transposed.</param>
    /// <param name="transposeRight">Whether op transposes it.</param>
    /// <param name="result">[rows, columns] bf16 or fp32; overlaps no operand.</param>
    /// <param name="accumulate">Whether the product is added to the result; else the result is only written.</param>
    /// <param name="bias">[columns] bf16, added to each row of a bf16 result before it is rounded; default: none.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="CudaException">The library refuses the product.</exception>
    public void Multiply(
        in CublasLtMatrix left, bool transposeLeft, in CublasLtMatrix right, bool transposeRight, in CublasLtMatrix result,
        bool accumulate = false, CUdeviceptr bias = default)
    {
        ObjectDisposedException.ThrowIf(handle == default, this);
        var problem = CublasLtProblem.Of(left, transposeLeft, right, transposeRight, result, bias);
        context.SetCurrent();
        if (!plans.TryGetValue(problem, out var plan))
            plans.Add(problem, plan = MakePlan(problem, left.Pointer, right.Pointer, result.Pointer, accumulate, bias));
        Run(plan, problem, left.Pointer, right.Pointer, result.Pointer, accumulate, bias);
    }

    /// <summary>
    /// The plans in use, whether stored, timed or the first heuristic, and those stored for this device that no product has
    /// asked for yet: what a run that is to go on from here needs.
    /// </summary>
    public CublasLtPlanStore ExportPlans()
    {
        var store = stored.For(context.DeviceName, Version);
        foreach (var (problem, plan) in plans) store.Set(context.DeviceName, Version, problem, plan.Algorithm);
        return store;
    }

    /// <summary>
    /// From now on products are computed as those of a run that exported its plans: by these, and by the heuristics where
    /// these have none, whatever was stored since.
    /// </summary>
    /// <param name="exported">What <see cref="ExportPlans"/> gave.</param>
    /// <returns>False where they are of another device or version of the library: then nothing has changed.</returns>
    public bool ImportPlans(CublasLtPlanStore exported)
    {
        var own = exported.For(context.DeviceName, Version);
        if (own.Count == 0) return false;
        stored = own;
        DropPlans();
        return true;
    }

    /// <summary>Ends the plans and gives the workspace back.</summary>
    public void Dispose()
    {
        if (handle == default) return;
        context.SetCurrent();
        DropPlans();
        workspace.Dispose();
        DestroyHandle();
    }

    /// <summary>The library's version, without a context.</summary>
    /// <exception cref="CudaLibraryNotFoundException">There is no cuBLASLt.</exception>
    internal static Version GetLibraryVersion()
    {
        var version = (int)CublasLtLibrary.cublasLtGetVersion();
        return new Version(version / 10000, version % 10000 / 100, version % 100);
    }

    /// <summary>32 MiB are what NVIDIA advises for Hopper's kernels; older ones ask for 4 at most.</summary>
    public static long WorkspaceSize(Version computeCapability) => (computeCapability.Major >= 9 ? 32L : 8L) << 20;

    private CublasLtPlan MakePlan(
        in CublasLtProblem problem, CUdeviceptr left, CUdeviceptr right, CUdeviceptr result, bool accumulate, CUdeviceptr bias)
    {
        var plan = new CublasLtPlan(handle, problem);
        try
        {
            if (UsesStored(plan, problem)) return plan;
            var proposals = plan.Propose(options.TunesNewProblems ? MostCandidates : 1, workspace.SizeInBytes, bias);
            if (proposals is not [var first, ..]) throw new CudaException($"cuBLASLt {Version} has no algorithm for {problem}");
            plan.Algorithm = first.algo;
            if (options.TunesNewProblems) Tune(plan, problem, proposals, left, right, result, accumulate, bias);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    private bool UsesStored(CublasLtPlan plan, in CublasLtProblem problem)
    {
        if (!stored.TryGet(context.DeviceName, Version, problem, out var algorithm)) return false;
        if (!plan.Accepts(algorithm, workspace.SizeInBytes))
        {
            options.Warn?.Invoke($"the stored GEMM plan of {problem} is not used: cuBLASLt {Version} refuses it");
            return false;
        }

        plan.Algorithm = algorithm;
        return true;
    }

    private void Run(
        CublasLtPlan plan, in CublasLtProblem problem, CUdeviceptr left, CUdeviceptr right, CUdeviceptr result, bool accumulate,
        CUdeviceptr bias)
    {
        plan.Run(left, right, result, accumulate, bias, workspace.DevicePointer, workspace.SizeInBytes, stream.Handle);
        CudaCheck.EndProduct(stream.Handle, problem);
    }

    private void DropPlans()
    {
        foreach (var plan in plans.Values) plan.Dispose();
        plans.Clear();
    }

    private void DestroyHandle()
    {
        var ended = handle;
        handle = default;
        CudaResources.AddCublasLtObject(-1);
        CudaCheck.ThrowIfReleaseFailed(CublasLtLibrary.cublasLtDestroy(ended));
    }
}
