using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Residual add + RMSNorm.</summary>
internal sealed class ResidualRmsNormForwardCase(KernelProblem problem) : KernelCase("residual_rmsnorm_forward", problem)
{
    private const float Epsilon = 1e-6f;

    private Operand x = null!, residual = null!, weight = null!, sum = null!, output = null!, rstd = null!;

    public override string Shape => $"{Tokens} x {Model.HiddenSize}";

    public override double Bytes => Tokens * ((Model.HiddenSize * 2.0 * 4) + 4);

    public override void Prepare(OperandArena operands)
    {
        var length = (long)Tokens * Model.HiddenSize;
        (x, residual, weight) = (operands.Random(length), operands.Random(length, scale: 3), operands.Random(Model.HiddenSize, 0.2, mean: 1));
        (sum, output, rstd) = (operands.Output(length), operands.Output(length), operands.Output(DataType.Float32, Tokens));
    }

    public override void Run(IBackend backend) => backend.ResidualRmsNormForward(
        x.Matrix(Tokens, Model.HiddenSize), residual.Matrix(Tokens, Model.HiddenSize), weight.Vector,
        sum.Matrix(Tokens, Model.HiddenSize), output.Matrix(Tokens, Model.HiddenSize), rstd.Vector, Epsilon);

    public override IEnumerable<OutputError> Check()
    {
        var (sumError, outputError, rstdError) = (new ErrorNorm(), new ErrorNorm(), new ErrorNorm());
        var hidden = Model.HiddenSize;
        var weights = weight.Initial(0, hidden);
        foreach (var t in Sample.Of(Tokens, 64))
        {
            var (a, b) = (x.Initial((long)t * hidden, hidden), residual.Initial((long)t * hidden, hidden));
            var sums = sum.Download((long)t * hidden, hidden);
            for (var c = 0; c < hidden; c++) sumError.Add(sums[c], a[c] + b[c]);

            // The norm is taken of the rounded sum.
            var scale = 1 / Math.Sqrt(sums.Sum(value => value * value / hidden) + Epsilon);
            rstdError.Add(rstd.Download(t, 1)[0], scale);
            var expected = new double[hidden];
            for (var c = 0; c < hidden; c++) expected[c] = sums[c] * scale * weights[c];
            outputError.Add(output.Download((long)t * hidden, hidden), expected);
        }

        yield return Written("sum", sum, sumError, Bounds.Rounded(sum.Vector.DataType));
        yield return Written("output", output, outputError, Bounds.Rounded(output.Vector.DataType, roundings: 2));
        yield return Written("rstd", rstd, rstdError, Bounds.Arithmetic);
    }
}
