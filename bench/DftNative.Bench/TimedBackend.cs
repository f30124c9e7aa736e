using System.Diagnostics;
using DftNative.Backends;

namespace DftNative.Bench;

/// <summary>Passes every operation on and adds up how long each kind took, for a backend whose operations run before they return.</summary>
internal sealed class TimedBackend(IBackend inner) : IBackend
{
    private readonly Dictionary<string, long> ticks = new(StringComparer.Ordinal);

    public string Description => inner.Description;

    public DataType ComputeType => inner.ComputeType;

    public bool PadsMicroBatches => inner.PadsMicroBatches;

    public BackendLimits Limits => inner.Limits;

    public double? PeakFlopsPerSecond => inner.PeakFlopsPerSecond;

    public long AllocatedBytes => inner.AllocatedBytes;

    public long PeakAllocatedBytes => inner.PeakAllocatedBytes;

    /// <summary>Seconds by operation, longest first.</summary>
    public IEnumerable<(string Operation, double Seconds)> Times =>
        ticks.Select(pair => (pair.Key, pair.Value / (double)Stopwatch.Frequency)).OrderByDescending(pair => pair.Item2);

    public void Reset() => ticks.Clear();

    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name) => inner.Allocate(dataType, length, category, name);

    public DeviceMemory? GetMemory() => inner.GetMemory();

    public void Reserve(in PassShape shape) => inner.Reserve(shape);

    public string? ExportPlans() => inner.ExportPlans();

    public bool ImportPlans(string plans) => inner.ImportPlans(plans);

    public void Upload<T>(ReadOnlySpan<T> source, Vector destination) where T : unmanaged => inner.Upload(source, destination);

    public void Download<T>(Vector source, Span<T> destination) where T : unmanaged => inner.Download(source, destination);

    public void Zero(Vector destination) => Time(nameof(Zero), () => inner.Zero(destination));

    public void Copy(Vector source, Vector destination) => Time(nameof(Copy), () => inner.Copy(source, destination));

    public void Synchronize() => inner.Synchronize();

    public void BeginPass(in GradientRounding rounding) => inner.BeginPass(rounding);

    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output) => Time("Embedding", () => inner.EmbeddingForward(tokens, table, output));

    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient) =>
        Time("Embedding", () => inner.EmbeddingBackward(distinctTokens, rowStarts, rows, outputGradient, tableGradient));

    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output) => Time("Linear forward", () => inner.LinearForward(input, weight, bias, output));

    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient) =>
        Time("Linear backward", () => inner.LinearInputGradient(outputGradient, weight, inputGradient));

    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient) =>
        Time("Linear backward", () => inner.LinearWeightGradient(outputGradient, input, weightGradient, biasGradient));

    public void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon) =>
        Time("RMSNorm", () => inner.ResidualRmsNormForward(x, residual, weight, sum, output, rstd, epsilon));

    public void ResidualRmsNormBackward(Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate) =>
        Time("RMSNorm", () => inner.ResidualRmsNormBackward(outputGradient, sum, weight, rstd, sumGradient, weightGradient, accumulate));

    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon) =>
        Time("RMSNorm", () => inner.HeadRmsNormForward(x, weight, output, rstd, epsilon));

    public void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient) =>
        Time("RMSNorm", () => inner.HeadRmsNormBackward(outputGradient, x, weight, rstd, xGradient, weightGradient));

    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse) =>
        Time("RoPE", () => inner.RotaryEmbedding(x, positions, cosSin, headDimension, inverse));

    public void AttentionForward(Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape)
    {
        var (r, s) = (ranges, shape);
        Time("Attention forward", () => inner.AttentionForward(query, key, value, output, logSumExp, r, s));
    }

    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape)
    {
        var (r, s) = (ranges, shape);
        Time("Attention backward", () => inner.AttentionBackward(outputGradient, query, key, value, output, logSumExp, queryGradient, keyGradient, valueGradient, r, s));
    }

    public void SwiGluForward(Matrix gateUp, Matrix output) => Time("SwiGLU", () => inner.SwiGluForward(gateUp, output));

    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output) =>
        Time("SwiGLU", () => inner.SwiGluBackward(outputGradient, gateUp, gateUpGradient, output));

    public void GatherRows(Matrix source, Vector rows, Matrix destination) => Time("Rows", () => inner.GatherRows(source, rows, destination));

    public void ScatterRows(Matrix source, Vector rows, Matrix destination) => Time("Rows", () => inner.ScatterRows(source, rows, destination));

    public void TokenLoss(in TokenLossArguments arguments)
    {
        var copy = arguments;
        Time("Loss head", () => inner.TokenLoss(copy));
    }

    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip) => Time("AdamW", () => inner.GradientNorm(gradients, maxNorm, normAndClip));

    public void AdamWStep(in AdamWArguments arguments)
    {
        var copy = arguments;
        Time("AdamW", () => inner.AdamWStep(copy));
    }

    public void Dispose() => inner.Dispose();

    private void Time(string operation, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        ticks[operation] = ticks.GetValueOrDefault(operation) + Stopwatch.GetTimestamp() - start;
    }
}
