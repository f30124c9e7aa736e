using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A projection.</summary>
internal sealed class LinearForwardCase(KernelProblem problem, LinearShape linear) : KernelCase($"linear_forward.{linear.Name}", problem)
{
    private Operand input = null!, weight = null!, output = null!;
    private Operand? bias;

    public override string Shape => $"{Tokens} x {linear.Inputs} -> {linear.Outputs}{(linear.HasBias ? " + bias" : "")}";

    public override double Flops => 2.0 * Tokens * linear.Inputs * linear.Outputs;

    public override void Prepare(OperandArena operands)
    {
        input = operands.Random((long)Tokens * linear.Inputs);
        weight = operands.Random((long)linear.Outputs * linear.Inputs, 1 / Math.Sqrt(linear.Inputs));
        bias = linear.HasBias ? operands.Random(linear.Outputs) : null;
        output = operands.Output((long)Tokens * linear.Outputs);
    }

    public override void Run(IBackend backend) => backend.LinearForward(
        input.Matrix(Tokens, linear.Inputs), weight.Matrix(linear.Outputs, linear.Inputs), bias?.Vector ?? default,
        output.Matrix(Tokens, linear.Outputs));

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        var columns = Sample.Of(linear.Outputs, 64);
        var weights = columns.Select(column => weight.Initial((long)column * linear.Inputs, linear.Inputs)).ToArray();
        foreach (var t in Sample.Of(Tokens, 32))
        {
            var row = input.Initial((long)t * linear.Inputs, linear.Inputs);
            var actual = output.Download((long)t * linear.Outputs, linear.Outputs);
            for (var i = 0; i < columns.Length; i++) error.Add(actual[columns[i]], Products.Dot(row, weights[i]) + (bias?[columns[i]] ?? 0));
        }

        yield return Written("output", output, error, Bounds.Sum + Bounds.Rounded(output.Vector.DataType));
    }
}
