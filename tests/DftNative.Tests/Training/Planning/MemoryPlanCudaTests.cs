using DftNative.Backends;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Cuda;
using DftNative.Tests.Cuda.EndToEnd;
using DftNative.Training.Planning;

namespace DftNative.Tests.Training.Planning;

/// <summary>Plans against what a device counts.</summary>
internal sealed class MemoryPlanCudaTests : CudaBackendFixture
{
    [TestCaseSource(typeof(CudaRun), nameof(CudaRun.Architectures))]
    public void TheConstructorsAllocateWhatTheDryRunCounts(string architecture)
    {
        using var run = new CudaRun(architecture);
        var request = new PlanRequest(run.Model.Configuration, Workload.OfFullRows(64, 4, packing: true));
        var plan = MemoryPlan.Count(request, new PassChoice(96, RecomputeLevel.None, 64), GpuCard.OfSize(1));
        var before = Backend.AllocatedBytes;
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(96) { Training = true, LossChunkRows = 64 });
        using var optimizer = new AdamWOptimizer(Backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0);
        Assert.That(plan.TotalBytes - plan.BytesOf(MemoryCategory.Driver), Is.EqualTo(Backend.AllocatedBytes - before));
    }
}
