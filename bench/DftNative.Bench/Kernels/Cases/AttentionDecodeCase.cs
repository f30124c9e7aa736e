using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A step of generation: a query of each of 64 sequences, over a cache of 16 keys for every row of the micro-batch.</summary>
internal sealed class AttentionDecodeCase(KernelProblem problem) : KernelCase("attention_decode", problem)
{
    private readonly int sequences = Math.Min(64, problem.Tokens);
    private AttentionRange[] ranges = [];
    private AttentionRanges deviceRanges;
    private Operand query = null!, keys = null!, values = null!, output = null!, logSumExp = null!;

    public override string Shape => $"{sequences} x {Model.HeadCount}/{Model.KeyValueHeadCount} x {Model.HeadDimension} over {KeyCount}";

    public override double Bytes => (2.0 * 2 * CacheRows * Model.KeyValueSize) + (2.0 * 2 * sequences * Model.QuerySize);

    /// <summary>Keys of a sequence.</summary>
    private int KeyCount => 16 * Tokens / sequences;

    private int CacheRows => sequences * KeyCount;

    private AttentionShape Heads => new(
        Model.HeadCount, Model.KeyValueHeadCount, Model.HeadDimension, (float)(1 / Math.Sqrt(Model.HeadDimension)));

    public override void Prepare(OperandArena operands)
    {
        query = operands.Random((long)sequences * Model.QuerySize);
        keys = operands.Random((long)CacheRows * Model.KeyValueSize);
        values = operands.Random((long)CacheRows * Model.KeyValueSize);
        output = operands.Output((long)sequences * Model.QuerySize);
        logSumExp = operands.Output(DataType.Float32, (long)Model.HeadCount * sequences);
        ranges = [.. Enumerable.Range(0, sequences).Select(i => new AttentionRange(i, 1, i * KeyCount, KeyCount))];
        deviceRanges = new AttentionRanges(operands.Of([.. ranges.SelectMany(r => new[] { r.QueryStart, r.QueryCount, r.KeyStart, r.KeyCount })]).Vector, ranges);
    }

    public override void Run(IBackend backend) => backend.AttentionForward(
        query.Matrix(sequences, Model.QuerySize), keys.Matrix(CacheRows, Model.KeyValueSize), values.Matrix(CacheRows, Model.KeyValueSize),
        output.Matrix(sequences, Model.QuerySize), logSumExp.Matrix(Model.HeadCount, sequences), deviceRanges, Heads);

    public override IEnumerable<OutputError> Check()
    {
        var (outputError, logError) = (new ErrorNorm(), new ErrorNorm());
        var (size, group) = (Model.HeadDimension, Model.HeadCount / Model.KeyValueHeadCount);
        foreach (var range in Sample.Of(sequences, 8).Select(i => ranges[i]))
        {
            foreach (var head in Sample.Of(Model.HeadCount, 4))
            {
                var row = query.Initial(((long)range.QueryStart * Model.QuerySize) + (head * size), size);
                var scores = Enumerable.Range(range.KeyStart, KeyCount).Select(j => Heads.Scale * Products.Dot(row, CacheRow(keys, j, head / group))).ToArray();
                var largest = scores.Max();
                var logSum = largest + Math.Log(scores.Sum(score => Math.Exp(score - largest)));
                var expected = new double[size];
                for (var j = 0; j < KeyCount; j++) Products.AddScaled(expected, CacheRow(values, range.KeyStart + j, head / group), Math.Exp(scores[j] - logSum));
                outputError.Add(output.Download(((long)range.QueryStart * Model.QuerySize) + (head * size), size), expected);
                logError.Add(logSumExp.Download(((long)head * sequences) + range.QueryStart, 1)[0], logSum);
            }
        }

        // P is rounded for the tensor cores, and the output.
        yield return Written("output", output, outputError, Bounds.Sum + Bounds.Rounded(output.Vector.DataType, roundings: 2));
        yield return Written("logSumExp", logSumExp, logError, Bounds.Sum);
    }

    private double[] CacheRow(Operand cache, int row, int keyHead) =>
        cache.Initial(((long)row * Model.KeyValueSize) + (keyHead * Model.HeadDimension), Model.HeadDimension);
}
