using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The global norm of a gradient arena.</summary>
internal sealed class GradientNormCase(KernelProblem problem, long length) : KernelCase("gradient_norm", problem)
{
    private Operand gradients = null!, normAndClip = null!;

    public override string Shape => $"{length}";

    public override double Bytes => length * 4.0;

    public override void Prepare(OperandArena operands)
    {
        gradients = operands.Random(DataType.Float32, length, 1e-3);
        normAndClip = operands.Output(DataType.Float32, 2);
    }

    public override void Run(IBackend backend) => backend.GradientNorm(gradients.Vector, maxNorm: 1, normAndClip.Vector);

    public override IEnumerable<OutputError> Check()
    {
        const int part = 1 << 20;
        var squares = 0.0;
        for (long start = 0; start < length; start += part)
        {
            var values = gradients.Initial(start, (int)Math.Min(part, length - start));
            squares += Products.Dot(values, values);
        }

        var error = new ErrorNorm();
        var norm = Math.Sqrt(squares);
        error.Add(normAndClip.Download(0, 2), [norm, Math.Min(1, 1 / (norm + 1e-6))]);
        yield return Written("normAndClip", normAndClip, error, Bounds.Arithmetic);
    }
}
