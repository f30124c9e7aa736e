using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Causal grouped-query attention.</summary>
internal sealed class AttentionForwardCase(KernelProblem problem, bool packed) : KernelCase(packed ? "attention_forward.packed" : "attention_forward", problem)
{
    private readonly KernelProblem problem = problem;
    private AttentionOperands inputs = null!;
    private Operand output = null!, logSumExp = null!;

    public override string Shape => $"{Tokens} x {Model.HeadCount}/{Model.KeyValueHeadCount} x {Model.HeadDimension}";

    public override double Flops => 4.0 * AttentionOperands.VisiblePairs(Tokens, packed) * Model.QuerySize;

    public override void Prepare(OperandArena operands)
    {
        inputs = new AttentionOperands(operands, problem, packed);
        output = operands.Output((long)Tokens * Model.QuerySize);
        logSumExp = operands.Output(DataType.Float32, (long)Model.HeadCount * Tokens);
    }

    public override void Run(IBackend backend) => backend.AttentionForward(
        inputs.Query, inputs.Key, inputs.Value, output.Matrix(Tokens, Model.QuerySize), logSumExp.Matrix(Model.HeadCount, Tokens),
        inputs.Ranges, inputs.Shape);

    public override IEnumerable<OutputError> Check()
    {
        var (outputError, logError) = (new ErrorNorm(), new ErrorNorm());
        var size = Model.HeadDimension;
        foreach (var t in Sample.Of(Tokens, 48))
        {
            foreach (var head in Sample.Of(Model.HeadCount, 4))
            {
                var query = inputs.QueryRow(t, head);
                var first = inputs.First(t);
                var scores = new double[t + 1 - first];
                for (var j = first; j <= t; j++) scores[j - first] = inputs.Shape.Scale * Products.Dot(query, inputs.KeyRow(j, head / inputs.GroupSize));
                var largest = scores.Max();
                var logSum = largest + Math.Log(scores.Sum(score => Math.Exp(score - largest)));
                var expected = new double[size];
                for (var j = first; j <= t; j++) Products.AddScaled(expected, inputs.ValueRow(j, head / inputs.GroupSize), Math.Exp(scores[j - first] - logSum));
                outputError.Add(output.Download(((long)t * Model.QuerySize) + (head * size), size), expected);
                logError.Add(logSumExp.Download(((long)head * Tokens) + t, 1)[0], logSum);
            }
        }

        // P is rounded for the tensor cores, and the output.
        yield return Written("output", output, outputError, Bounds.Sum + Bounds.Rounded(output.Vector.DataType, roundings: 2));
        yield return Written("logSumExp", logSumExp, logError, Bounds.Sum);
    }
}
