using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Backward of the heads' RMSNorm.</summary>
internal sealed class HeadRmsNormBackwardCase(KernelProblem problem) : KernelCase("head_rmsnorm_backward", problem)
{
    private Operand outputGradient = null!, x = null!, weight = null!, rstd = null!, gradient = null!, weightGradient = null!;

    public override string Shape => $"{Tokens} x {Model.HeadCount} x {Model.HeadDimension}";

    public override double Bytes => (double)Tokens * Model.HeadCount * ((Model.HeadDimension * 2.0 * 3) + 4);

    private int Heads => Tokens * Model.HeadCount;

    public override void Prepare(OperandArena operands)
    {
        var length = (long)Tokens * Model.QuerySize;
        (outputGradient, x, weight) = (operands.Random(length), operands.Random(length), operands.Random(Model.HeadDimension, 0.2, mean: 1));
        rstd = operands.Random(DataType.Float32, Heads, 0.1, mean: 1);
        (gradient, weightGradient) = (operands.Output(length), operands.Random(DataType.Float32, Model.HeadDimension));
    }

    public override void Run(IBackend backend) => backend.HeadRmsNormBackward(
        outputGradient.Matrix(Tokens, Model.QuerySize), x.Matrix(Tokens, Model.QuerySize), weight.Vector, rstd.Vector,
        gradient.Matrix(Tokens, Model.QuerySize), weightGradient.Vector);

    public override IEnumerable<OutputError> Check()
    {
        var (rowError, columnError) = (new ErrorNorm(), new ErrorNorm());
        var size = Model.HeadDimension;
        var weights = weight.Initial(0, size);
        foreach (var head in Sample.Of(Heads, 512))
        {
            var (dy, values, scale) = (outputGradient.Initial((long)head * size, size), x.Initial((long)head * size, size), rstd[head]);
            var mean = 0.0;
            for (var c = 0; c < size; c++) mean += dy[c] * weights[c] * values[c] * scale / size;
            for (var c = 0; c < size; c++) values[c] = scale * ((dy[c] * weights[c]) - (values[c] * scale * mean));
            rowError.Add(gradient.Download((long)head * size, size), values);
        }

        var actual = weightGradient.Download(0, size);
        var expected = weightGradient.Initial(0, size);
        for (var head = 0; head < Heads; head++)
        {
            var (dy, values) = (outputGradient.Initial((long)head * size, size), x.Initial((long)head * size, size));
            for (var c = 0; c < size; c++) expected[c] += dy[c] * values[c] * rstd[head];
        }

        columnError.Add(actual, expected);
        yield return Written("xGradient", gradient, rowError, Bounds.Rounded(gradient.Vector.DataType));
        yield return new OutputError("weightGradient", columnError.Relative, Bounds.Arithmetic);
    }
}
