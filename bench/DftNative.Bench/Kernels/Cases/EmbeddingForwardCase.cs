using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Rows of the embedding table.</summary>
internal sealed class EmbeddingForwardCase(KernelProblem problem) : KernelCase("embedding_forward", problem)
{
    private int[] tokens = [];
    private Operand indices = null!, table = null!, output = null!;

    public override string Shape => $"{Tokens} of {Model.VocabularySize} x {Model.HiddenSize}";

    public override double Bytes => Tokens * ((Model.HiddenSize * 2.0 * 2) + 4);

    public override void Prepare(OperandArena operands)
    {
        var random = new Random(1);
        tokens = [.. Enumerable.Range(0, Tokens).Select(_ => random.Next(Model.VocabularySize))];
        indices = operands.Of(tokens);
        table = operands.Random((long)Model.VocabularySize * Model.HiddenSize);
        output = operands.Output((long)Tokens * Model.HiddenSize);
    }

    public override void Run(IBackend backend) => backend.EmbeddingForward(
        indices.Vector, table.Matrix(Model.VocabularySize, Model.HiddenSize), output.Matrix(Tokens, Model.HiddenSize));

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        foreach (var t in Sample.Of(Tokens, 256))
            error.Add(output.Download((long)t * Model.HiddenSize, Model.HiddenSize), table.Initial((long)tokens[t] * Model.HiddenSize, Model.HiddenSize));
        yield return Written("output", output, error, bound: 0);
    }
}
