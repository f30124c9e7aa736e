using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Backward of SwiGLU.</summary>
internal sealed class SwiGluBackwardCase(KernelProblem problem) : KernelCase("swiglu_backward", problem)
{
    private Operand outputGradient = null!, gateUp = null!, gateUpGradient = null!;

    public override string Shape => $"{Tokens} x {Model.IntermediateSize}";

    public override double Bytes => (double)Tokens * Model.IntermediateSize * 2 * 5;

    public override void Prepare(OperandArena operands)
    {
        var length = (long)Tokens * Model.IntermediateSize;
        (outputGradient, gateUp, gateUpGradient) = (operands.Random(length), operands.Random(2 * length, scale: 2), operands.Output(2 * length));
    }

    public override void Run(IBackend backend) => backend.SwiGluBackward(
        outputGradient.Matrix(Tokens, Model.IntermediateSize), gateUp.Matrix(Tokens, 2 * Model.IntermediateSize),
        gateUpGradient.Matrix(Tokens, 2 * Model.IntermediateSize), default);

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        var size = Model.IntermediateSize;
        foreach (var t in Sample.Of(Tokens, 32))
        {
            var (row, dy) = (gateUp.Initial((long)t * 2 * size, 2 * size), outputGradient.Initial((long)t * size, size));
            var expected = new double[2 * size];
            for (var c = 0; c < size; c++)
            {
                var sigmoid = 1 / (1 + Math.Exp(-row[c]));
                expected[c] = dy[c] * row[size + c] * sigmoid * (1 + (row[c] * (1 - sigmoid)));
                expected[size + c] = dy[c] * row[c] * sigmoid;
            }

            error.Add(gateUpGradient.Download((long)t * 2 * size, 2 * size), expected);
        }

        // silu(gate) and dy·up may be rounded on the way, as transformers does.
        yield return Written("gateUpGradient", gateUpGradient, error, Bounds.Rounded(gateUpGradient.Vector.DataType, roundings: 3));
    }
}
