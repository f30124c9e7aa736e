using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <content>Choice of an algorithm by its time.</content>
public sealed partial class CublasLt
{
    /// <summary>The heuristics sort by expected time, so that the fastest is among the first.</summary>
    private const int MostCandidates = 8;

    private const int TimedProducts = 5;
    private const int TimedRounds = 3;

    /// <summary>
    /// Takes the fastest of the proposals on the operands themselves, each after one product that loads its code, and stores
    /// it. What is only written is written again with the same numbers; what is added to is replaced by scratch memory, so
    /// that it is added to but once. Waits for the device.
    /// </summary>
    private void Tune(
        CublasLtPlan plan, CublasLtProblem problem, ReadOnlySpan<cublasLtMatmulHeuristicResult_t> proposals, CUdeviceptr left,
        CUdeviceptr right, CUdeviceptr result, bool accumulate, CUdeviceptr bias)
    {
        using var scratch = accumulate ? NewScratch(problem) : null;
        var target = scratch?.DevicePointer ?? result;
        using var start = new CudaEvent(context);
        using var end = new CudaEvent(context);
        var fastest = float.PositiveInfinity;
        var chosen = plan.Algorithm;
        foreach (ref readonly var proposal in proposals)
        {
            plan.Algorithm = proposal.algo;
            var time = float.PositiveInfinity;
            RunOften(1);
            for (var round = 0; round < TimedRounds; round++) time = Math.Min(time, MeasureMilliseconds());
            if (time >= fastest) continue;
            (fastest, chosen) = (time, proposal.algo);
        }

        plan.Algorithm = chosen;
        options.Plans?.Set(context.DeviceName, Version, problem, chosen);

        float MeasureMilliseconds()
        {
            start.Record(stream);
            RunOften(TimedProducts);
            end.Record(stream);
            end.Synchronize();
            return end.ElapsedMillisecondsSince(start);
        }

        void RunOften(int times)
        {
            for (var product = 0; product < times; product++) Run(plan, problem, left, right, target, accumulate, bias);
        }
    }

    private CudaDeviceVariable<byte> NewScratch(in CublasLtProblem problem)
    {
        var elementSize = problem.ResultType == cudaDataType.CUDA_R_16BF ? sizeof(ushort) : sizeof(float);
        var scratch = new CudaDeviceVariable<byte>(context, problem.Rows * problem.ResultRowStride * elementSize);
        scratch.Zero(0, scratch.SizeInBytes, stream);
        return scratch;
    }
}
