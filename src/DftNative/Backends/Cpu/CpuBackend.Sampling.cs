namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    private readonly TokenSampler[] samplers;
    private TokenDraw[] draws = [];

    /// <inheritdoc/>
    public void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn)
    {
        SamplingOperands.Check(logits, options, rows, earlierTokens, drawn);
        if (rows.IsEmpty) return;
        if (draws.Length < rows.Length) draws = new TokenDraw[rows.Length];
        fixed (SamplingRow* parameters = rows)
        fixed (int* earlier = earlierTokens)
        {
            var job = new SamplingJob(this, Floats(logits), logits.RowStride, logits.Columns, options, parameters, earlier);
            pool.Run(in job, rows.Length);
        }

        for (var row = 0; row < rows.Length; row++) drawn[row] = draws[row].ToDrawnToken();
    }

    private readonly struct SamplingJob(
        CpuBackend backend, float* logits, long stride, int vocabulary, TokenSampling options, SamplingRow* rows, int* earlierTokens) : ITileJob
    {
        public void Execute(int tile, int worker)
        {
            var (random, start, count) = rows[tile];
            backend.draws[tile] = backend.samplers[worker].Draw(
                new ReadOnlySpan<float>(logits + (tile * stride), vocabulary), options, new ReadOnlySpan<int>(earlierTokens + start, count), random);
        }
    }
}
