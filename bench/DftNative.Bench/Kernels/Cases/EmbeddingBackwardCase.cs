using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The table's gradient, of tokens that recur as in text: the k-th most frequent 1/k as often as the first (Zipf 1949).</summary>
internal sealed class EmbeddingBackwardCase(KernelProblem problem) : KernelCase("embedding_backward", problem)
{
    private int[] distinct = [], starts = [], rows = [];
    private Operand distinctTokens = null!, rowStarts = null!, rowIndices = null!, outputGradient = null!, tableGradient = null!;

    public override string Shape => $"{Tokens} into {Model.VocabularySize} x {Model.HiddenSize}";

    public override double Bytes
    {
        get
        {
            Group();
            return (Tokens * ((Model.HiddenSize * 2.0) + 4)) + (distinct.Length * ((Model.HiddenSize * 4.0 * 2) + 8)) + 4;
        }
    }

    public override void Prepare(OperandArena operands)
    {
        Group();
        distinctTokens = operands.Of(distinct);
        rowStarts = operands.Of(starts);
        rowIndices = operands.Of(rows);
        outputGradient = operands.Random((long)Tokens * Model.HiddenSize);
        tableGradient = operands.Random(DataType.Float32, (long)Model.VocabularySize * Model.HiddenSize);
    }

    public override void Run(IBackend backend) => backend.EmbeddingBackward(
        distinctTokens.Vector, rowStarts.Vector, rowIndices.Vector, outputGradient.Matrix(Tokens, Model.HiddenSize),
        tableGradient.Matrix(Model.VocabularySize, Model.HiddenSize));

    public override IEnumerable<OutputError> Check()
    {
        var (touched, others) = (new ErrorNorm(), new ErrorNorm());
        var hidden = Model.HiddenSize;
        foreach (var group in Sample.Of(distinct.Length, 128))
        {
            var expected = tableGradient.Initial((long)distinct[group] * hidden, hidden);
            foreach (var t in rows[starts[group]..starts[group + 1]])
            {
                var gradient = outputGradient.Initial((long)t * hidden, hidden);
                for (var c = 0; c < hidden; c++) expected[c] += gradient[c];
            }

            touched.Add(tableGradient.Download((long)distinct[group] * hidden, hidden), expected);
        }

        foreach (var token in Sample.Of(Model.VocabularySize, 256).Except(distinct))
            others.Add(tableGradient.Download((long)token * hidden, hidden), tableGradient.Initial((long)token * hidden, hidden));
        yield return new OutputError("tableGradient", touched.Relative, Bounds.Arithmetic);
        yield return new OutputError("rows of other tokens", others.Relative, Bound: 0);
    }

    private void Group()
    {
        if (rows.Length > 0) return;
        var random = new Random(1);
        var groups = Enumerable.Range(0, Tokens).GroupBy(_ => (int)Math.Pow(Model.VocabularySize, random.NextDouble()) - 1).OrderBy(group => group.Key).ToArray();
        distinct = [.. groups.Select(group => group.Key)];
        rows = [.. groups.SelectMany(group => group)];
        var ends = 0;
        starts = [0, .. groups.Select(group => ends += group.Count())];
    }
}
