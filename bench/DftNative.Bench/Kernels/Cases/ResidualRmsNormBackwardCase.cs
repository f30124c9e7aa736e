using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Backward of residual add + RMSNorm, added to the residual stream's gradient.</summary>
internal sealed class ResidualRmsNormBackwardCase(KernelProblem problem) : KernelCase("residual_rmsnorm_backward", problem)
{
    private Operand outputGradient = null!, sum = null!, weight = null!, rstd = null!, sumGradient = null!, weightGradient = null!;

    public override string Shape => $"{Tokens} x {Model.HiddenSize}";

    public override double Bytes => Tokens * ((Model.HiddenSize * 2.0 * 4) + 4);

    public override void Prepare(OperandArena operands)
    {
        var length = (long)Tokens * Model.HiddenSize;
        (outputGradient, sum, weight) = (operands.Random(length), operands.Random(length), operands.Random(Model.HiddenSize, 0.2, mean: 1));
        rstd = operands.Random(DataType.Float32, Tokens, 0.1, mean: 1);
        (sumGradient, weightGradient) = (operands.Random(length), operands.Random(DataType.Float32, Model.HiddenSize));
    }

    public override void Run(IBackend backend) => backend.ResidualRmsNormBackward(
        outputGradient.Matrix(Tokens, Model.HiddenSize), sum.Matrix(Tokens, Model.HiddenSize), weight.Vector, rstd.Vector,
        sumGradient.Matrix(Tokens, Model.HiddenSize), weightGradient.Vector, accumulate: true);

    public override IEnumerable<OutputError> Check()
    {
        var (rowError, columnError) = (new ErrorNorm(), new ErrorNorm());
        var hidden = Model.HiddenSize;
        var weights = weight.Initial(0, hidden);
        foreach (var t in Sample.Of(Tokens, 64))
        {
            var (dy, s) = (outputGradient.Initial((long)t * hidden, hidden), sum.Initial((long)t * hidden, hidden));
            var expected = sumGradient.Initial((long)t * hidden, hidden);
            var mean = 0.0;
            for (var c = 0; c < hidden; c++) mean += dy[c] * weights[c] * s[c] * rstd[t] / hidden;
            for (var c = 0; c < hidden; c++) expected[c] += rstd[t] * ((dy[c] * weights[c]) - (s[c] * rstd[t] * mean));
            rowError.Add(sumGradient.Download((long)t * hidden, hidden), expected);
        }

        var actual = weightGradient.Download(0, hidden);
        foreach (var c in Sample.Of(hidden, 64))
        {
            var expected = weightGradient[c];
            for (var t = 0; t < Tokens; t++)
            {
                var index = ((long)t * hidden) + c;
                expected += outputGradient[index] * sum[index] * rstd[t];
            }

            columnError.Add(actual[c], expected);
        }

        yield return new OutputError("sumGradient", rowError.Relative, Bounds.Rounded(sumGradient.Vector.DataType));
        yield return new OutputError("weightGradient", columnError.Relative, Bounds.Arithmetic);
    }
}
