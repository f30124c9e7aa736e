using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Models;

/// <summary>The CPU's operations with a GPU's ways: passes are filled up, and fresh memory is not zero but NaN.</summary>
internal sealed class AlteredBackend : IBackend
{
    private readonly CpuBackend inner = new(2);

    public string Description => "altered CPU";

    public DataType ComputeType => inner.ComputeType;

    public bool PadsMicroBatches { get; init; }

    public BackendLimits Limits { get; init; } = BackendLimits.None;

    public double? PeakFlopsPerSecond { get; init; }

    public long AllocatedBytes => inner.AllocatedBytes;

    public long PeakAllocatedBytes => inner.PeakAllocatedBytes;

    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name)
    {
        var buffer = inner.Allocate(dataType, length, category, name);
        if (category == MemoryCategory.Activations)
        {
            var poison = new byte[buffer.SizeInBytes];
            Array.Fill(poison, (byte)0xFF);
            inner.Upload<float>(MemoryMarshal.Cast<byte, float>(poison), buffer.AsVector());
        }

        return buffer;
    }

    public DeviceMemory? GetMemory() => inner.GetMemory();

    public void Reserve(in PassShape shape) => inner.Reserve(shape);

    public string? ExportPlans() => inner.ExportPlans();

    public bool ImportPlans(string plans) => inner.ImportPlans(plans);

    public void Upload<T>(ReadOnlySpan<T> source, Vector destination) where T : unmanaged => inner.Upload(source, destination);

    /// <summary>How often the host has waited for the device.</summary>
    public int WaitCount { get; private set; }

    /// <summary>Rows of logits that tokens were drawn from.</summary>
    public int SampledRowCount { get; private set; }

    public void Download<T>(Vector source, Span<T> destination) where T : unmanaged
    {
        WaitCount++;
        inner.Download(source, destination);
    }

    public void Zero(Vector destination) => inner.Zero(destination);

    public void Copy(Vector source, Vector destination) => inner.Copy(source, destination);

    public void Synchronize()
    {
        WaitCount++;
        inner.Synchronize();
    }

    public void BeginPass(in GradientRounding rounding) => inner.BeginPass(rounding);

    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output) => inner.EmbeddingForward(tokens, table, output);

    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient) =>
        inner.EmbeddingBackward(distinctTokens, rowStarts, rows, outputGradient, tableGradient);

    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output) => inner.LinearForward(input, weight, bias, output);

    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient) =>
        inner.LinearInputGradient(outputGradient, weight, inputGradient);

    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient) =>
        inner.LinearWeightGradient(outputGradient, input, weightGradient, biasGradient);

    public void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon) =>
        inner.ResidualRmsNormForward(x, residual, weight, sum, output, rstd, epsilon);

    public void ResidualRmsNormBackward(Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate) =>
        inner.ResidualRmsNormBackward(outputGradient, sum, weight, rstd, sumGradient, weightGradient, accumulate);

    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon) => inner.HeadRmsNormForward(x, weight, output, rstd, epsilon);

    public void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient) =>
        inner.HeadRmsNormBackward(outputGradient, x, weight, rstd, xGradient, weightGradient);

    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse) =>
        inner.RotaryEmbedding(x, positions, cosSin, headDimension, inverse);

    public void AttentionForward(Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape) =>
        inner.AttentionForward(query, key, value, output, logSumExp, ranges, shape);

    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape) =>
        inner.AttentionBackward(outputGradient, query, key, value, output, logSumExp, queryGradient, keyGradient, valueGradient, ranges, shape);

    public void SwiGluForward(Matrix gateUp, Matrix output) => inner.SwiGluForward(gateUp, output);

    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output) =>
        inner.SwiGluBackward(outputGradient, gateUp, gateUpGradient, output);

    public void GatherRows(Matrix source, Vector rows, Matrix destination) => inner.GatherRows(source, rows, destination);

    public void ScatterRows(Matrix source, Vector rows, Matrix destination) => inner.ScatterRows(source, rows, destination);

    public void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn)
    {
        SampledRowCount += rows.Length;
        inner.SampleTokens(logits, options, rows, earlierTokens, drawn);
    }

    public void TokenLoss(in TokenLossArguments arguments) => inner.TokenLoss(arguments);

    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default) => inner.GradientNorm(gradients, maxNorm, normAndClip, statistics);

    public void AdamWStep(in AdamWArguments arguments) => inner.AdamWStep(arguments);

    public void Dispose() => inner.Dispose();
}
