using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>silu(gate) · up.</summary>
internal sealed class SwiGluForwardCase(KernelProblem problem) : KernelCase("swiglu_forward", problem)
{
    private Operand gateUp = null!, output = null!;

    public override string Shape => $"{Tokens} x {Model.IntermediateSize}";

    public override double Bytes => (double)Tokens * Model.IntermediateSize * 2 * 3;

    public override void Prepare(OperandArena operands)
    {
        gateUp = operands.Random((long)Tokens * 2 * Model.IntermediateSize, scale: 2);
        output = operands.Output((long)Tokens * Model.IntermediateSize);
    }

    public override void Run(IBackend backend) =>
        backend.SwiGluForward(gateUp.Matrix(Tokens, 2 * Model.IntermediateSize), output.Matrix(Tokens, Model.IntermediateSize));

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        var size = Model.IntermediateSize;
        foreach (var t in Sample.Of(Tokens, 32))
        {
            var row = gateUp.Initial((long)t * 2 * size, 2 * size);
            var expected = new double[size];
            for (var c = 0; c < size; c++) expected[c] = row[c] / (1 + Math.Exp(-row[c])) * row[size + c];
            error.Add(output.Download((long)t * size, size), expected);
        }

        // transformers rounds silu(gate) too, and so may a kernel.
        yield return Written("output", output, error, Bounds.Rounded(output.Vector.DataType, roundings: 2));
    }
}
