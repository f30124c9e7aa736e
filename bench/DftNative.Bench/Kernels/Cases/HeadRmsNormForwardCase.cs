using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>RMSNorm of each query head, as in Qwen3.</summary>
internal sealed class HeadRmsNormForwardCase(KernelProblem problem) : KernelCase("head_rmsnorm_forward", problem)
{
    private const float Epsilon = 1e-6f;

    private Operand x = null!, weight = null!, output = null!, rstd = null!;

    public override string Shape => $"{Tokens} x {Model.HeadCount} x {Model.HeadDimension}";

    public override double Bytes => (double)Tokens * Model.HeadCount * ((Model.HeadDimension * 2.0 * 2) + 4);

    public override void Prepare(OperandArena operands)
    {
        var length = (long)Tokens * Model.QuerySize;
        (x, weight) = (operands.Random(length), operands.Random(Model.HeadDimension, 0.2, mean: 1));
        (output, rstd) = (operands.Output(length), operands.Output(DataType.Float32, (long)Tokens * Model.HeadCount));
    }

    public override void Run(IBackend backend) =>
        backend.HeadRmsNormForward(x.Matrix(Tokens, Model.QuerySize), weight.Vector, output.Matrix(Tokens, Model.QuerySize), rstd.Vector, Epsilon);

    public override IEnumerable<OutputError> Check()
    {
        var (outputError, rstdError) = (new ErrorNorm(), new ErrorNorm());
        var size = Model.HeadDimension;
        var weights = weight.Initial(0, size);
        foreach (var head in Sample.Of(Tokens * Model.HeadCount, 512))
        {
            var values = x.Initial((long)head * size, size);
            var scale = 1 / Math.Sqrt(values.Sum(value => value * value / size) + Epsilon);
            for (var c = 0; c < size; c++) values[c] *= scale * weights[c];
            outputError.Add(output.Download((long)head * size, size), values);
            rstdError.Add(rstd.Download(head, 1)[0], scale);
        }

        yield return Written("output", output, outputError, Bounds.Rounded(output.Vector.DataType, roundings: 2));
        yield return Written("rstd", rstd, rstdError, Bounds.Arithmetic);
    }
}
