using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A token from each row of a decoding pass's logits, with its log p: at temperature 1, from all tokens.</summary>
internal sealed class SampleTokensCase(KernelProblem problem) : KernelCase("sample_tokens", problem)
{
    private const int MostRows = 64;

    /// <summary>fp32 weights and a sum over a vocabulary of them, on either side of a border.</summary>
    private const double Border = 1e-6;

    private static readonly TokenSampling Options = new() { KeepsLogProbabilities = true };

    private Operand logits = null!;
    private SamplingRow[] rows = [];
    private DrawnToken[] drawn = [];

    public override string Shape => $"{Rows} x {Model.VocabularySize}";

    public override double Bytes => (double)Rows * Model.VocabularySize * sizeof(float);

    private int Rows => Math.Min(Tokens, MostRows);

    /// <summary>Rows begin at multiples of 16 bytes.</summary>
    private int RowStride => (Model.VocabularySize + 3) / 4 * 4;

    public override void Prepare(OperandArena operands)
    {
        logits = operands.Random(DataType.Float32, (long)Rows * RowStride, scale: 2);
        rows = [.. Enumerable.Range(0, Rows).Select(static row => new SamplingRow(CounterRandom.Bits(1, (ulong)row), 0, 0))];
        drawn = new DrawnToken[Rows];
        Array.Fill(drawn, new DrawnToken(-1, float.NaN));
    }

    public override void Run(IBackend backend) =>
        backend.SampleTokens(new Matrix(logits.Vector.Buffer!, 0, Rows, Model.VocabularySize, RowStride), Options, rows, [], drawn);

    public override IEnumerable<OutputError> Check()
    {
        var (logError, outside) = (new ErrorNorm(), 0.0);
        foreach (var t in Sample.Of(Rows, 16))
        {
            var row = logits.Initial((long)t * RowStride, Model.VocabularySize);
            var (logSum, token) = (TokenLossOperands.LogSumExp(row), drawn[t].Token);
            if ((uint)token >= (uint)row.Length)
            {
                outside = double.PositiveInfinity;
                break;
            }

            logError.Add(drawn[t].LogProbability, row[token] - logSum);
            var (uniform, before) = (rows[t].Random / Math.ScaleB(1, 64), row.Take(token).Sum(logit => Math.Exp(logit - logSum)));
            outside = Math.Max(outside, Math.Max(before - uniform, uniform - (before + Math.Exp(row[token] - logSum))));
        }

        yield return new OutputError("logProbabilities", logError.Relative, Bounds.Arithmetic);
        yield return new OutputError("tokens", outside, Border);
    }
}
