using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A projection's two backward products, the weight's added to fp32, and its bias gradient.</summary>
internal sealed class LinearBackwardCase(KernelProblem problem, LinearShape linear) : KernelCase($"linear_backward.{linear.Name}", problem)
{
    private Operand outputGradient = null!, input = null!, weight = null!, inputGradient = null!, weightGradient = null!;
    private Operand? biasGradient;

    public override string Shape => $"{Tokens} x {linear.Inputs} <- {linear.Outputs}{(linear.HasBias ? " + bias" : "")}";

    public override double Flops => 4.0 * Tokens * linear.Inputs * linear.Outputs;

    public override void Prepare(OperandArena operands)
    {
        outputGradient = operands.Random((long)Tokens * linear.Outputs);
        input = operands.Random((long)Tokens * linear.Inputs);
        weight = operands.Random((long)linear.Outputs * linear.Inputs, 1 / Math.Sqrt(linear.Inputs));
        inputGradient = operands.Output((long)Tokens * linear.Inputs);
        weightGradient = operands.Random(DataType.Float32, (long)linear.Outputs * linear.Inputs);
        biasGradient = linear.HasBias ? operands.Random(DataType.Float32, linear.Outputs) : null;
    }

    public override void Run(IBackend backend) => backend.LinearBackward(
        outputGradient.Matrix(Tokens, linear.Outputs), input.Matrix(Tokens, linear.Inputs), weight.Matrix(linear.Outputs, linear.Inputs),
        inputGradient.Matrix(Tokens, linear.Inputs), weightGradient.Matrix(linear.Outputs, linear.Inputs), biasGradient?.Vector ?? default);

    public override IEnumerable<OutputError> Check()
    {
        var (inputs, outputs) = (Sample.Of(linear.Inputs, 32), Sample.Of(linear.Outputs, 32));
        yield return Written("inputGradient", inputGradient, InputError(inputs), Bounds.Sum + Bounds.Rounded(inputGradient.Vector.DataType));
        yield return new OutputError("weightGradient", WeightError(inputs, outputs).Relative, Bounds.Sum);
        if (biasGradient is null) yield break;
        var bias = new ErrorNorm();
        var actual = biasGradient.Download(0, linear.Outputs);
        foreach (var column in outputs) bias.Add(actual[column], biasGradient[column] + Products.Column(outputGradient, column, Tokens, linear.Outputs).Sum());
        yield return new OutputError("biasGradient", bias.Relative, Bounds.Arithmetic);
    }

    private ErrorNorm InputError(int[] inputs)
    {
        var error = new ErrorNorm();
        var weights = inputs.Select(column => Products.Column(weight, column, linear.Outputs, linear.Inputs)).ToArray();
        foreach (var t in Sample.Of(Tokens, 32))
        {
            var gradient = outputGradient.Initial((long)t * linear.Outputs, linear.Outputs);
            var actual = inputGradient.Download((long)t * linear.Inputs, linear.Inputs);
            for (var i = 0; i < inputs.Length; i++) error.Add(actual[inputs[i]], Products.Dot(gradient, weights[i]));
        }

        return error;
    }

    private ErrorNorm WeightError(int[] inputs, int[] outputs)
    {
        var error = new ErrorNorm();
        var columns = inputs.Select(column => Products.Column(input, column, Tokens, linear.Inputs)).ToArray();
        foreach (var row in outputs)
        {
            var gradient = Products.Column(outputGradient, row, Tokens, linear.Outputs);
            var before = weightGradient.Initial((long)row * linear.Inputs, linear.Inputs);
            var actual = weightGradient.Download((long)row * linear.Inputs, linear.Inputs);
            for (var i = 0; i < inputs.Length; i++) error.Add(actual[inputs[i]], before[inputs[i]] + Products.Dot(gradient, columns[i]));
        }

        return error;
    }
}
