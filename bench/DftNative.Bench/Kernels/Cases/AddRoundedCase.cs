using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The addition of a weight's gradient, in fp32, to bf16 gradients by itself.</summary>
internal sealed class AddRoundedCase(KernelProblem problem, long length) : KernelCase("add_rounded", problem)
{
    private Operand sums = null!, gradients = null!;

    public override string Shape => $"{length}";

    public override double Bytes => length * 8.0;

    public override string? Unsupported(IBackend backend) => backend is CudaBackend ? null : "its device's gradients are fp32";

    public override void Prepare(OperandArena operands) =>
        (sums, gradients) = (operands.Random(DataType.Float32, length, 1e-3), operands.Random(DataType.BFloat16, length, 1e-2));

    public override void Run(IBackend backend) =>
        ((CudaBackend)backend).AddRounded(sums.Vector, gradients.Vector, RandomCounter.Of(new GradientRounding(1, 1, 0), 0, 0));

    public override IEnumerable<OutputError> Check()
    {
        const int run = 256;
        var (result, added) = (new ErrorNorm(), new ErrorNorm());
        foreach (var part in Sample.Of((int)(length / run), 64))
        {
            var start = (long)part * run;
            var after = gradients.Download(start, run);
            for (var i = 0; i < run; i++)
            {
                var expected = gradients[start + i] + sums[start + i];
                result.Add(after[i], expected);
                added.Add(after[i] - gradients[start + i], expected - gradients[start + i]);
            }
        }

        // Stochastic rounding goes to either neighbour: two units of roundoff. They are at most a twelfth of what is added.
        yield return new OutputError("gradients", result.Relative, Bounds.Rounded(DataType.BFloat16, roundings: 2));
        yield return new OutputError("change", added.Relative, Bound: 0.1);
    }
}
