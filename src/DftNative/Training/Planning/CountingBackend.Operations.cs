using System.Runtime.CompilerServices;
using DftNative.Backends;

namespace DftNative.Training.Planning;

/// <content>The operations, which there is no device for.</content>
internal sealed partial class CountingBackend
{
    /// <inheritdoc/>
    public string? ExportPlans() => throw Refuse();

    /// <inheritdoc/>
    public bool ImportPlans(string plans) => throw Refuse();

    /// <inheritdoc/>
    public void Download<T>(Vector source, Span<T> destination)
        where T : unmanaged =>
        throw Refuse();

    /// <inheritdoc/>
    public void Copy(Vector source, Vector destination) => throw Refuse();

    /// <inheritdoc/>
    public void BeginPass(in GradientRounding rounding) => throw Refuse();

    /// <inheritdoc/>
    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output) => throw Refuse();

    /// <inheritdoc/>
    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient) => throw Refuse();

    /// <inheritdoc/>
    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output) => throw Refuse();

    /// <inheritdoc/>
    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient) => throw Refuse();

    /// <inheritdoc/>
    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient) => throw Refuse();

    /// <inheritdoc/>
    public void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon) => throw Refuse();

    /// <inheritdoc/>
    public void ResidualRmsNormBackward(Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate) => throw Refuse();

    /// <inheritdoc/>
    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon) => throw Refuse();

    /// <inheritdoc/>
    public void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient) => throw Refuse();

    /// <inheritdoc/>
    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse) => throw Refuse();

    /// <inheritdoc/>
    public void AttentionForward(Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape) => throw Refuse();

    /// <inheritdoc/>
    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape) =>
        throw Refuse();

    /// <inheritdoc/>
    public void SwiGluForward(Matrix gateUp, Matrix output) => throw Refuse();

    /// <inheritdoc/>
    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output) => throw Refuse();

    /// <inheritdoc/>
    public void GatherRows(Matrix source, Vector rows, Matrix destination) => throw Refuse();

    /// <inheritdoc/>
    public void ScatterRows(Matrix source, Vector rows, Matrix destination) => throw Refuse();

    /// <inheritdoc/>
    public void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn) => throw Refuse();

    /// <inheritdoc/>
    public void TokenLoss(in TokenLossArguments arguments) => throw Refuse();

    /// <inheritdoc/>
    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default) => throw Refuse();

    /// <inheritdoc/>
    public void AdamWStep(in AdamWArguments arguments) => throw Refuse();

    private static InvalidOperationException Refuse([CallerMemberName] string operation = "") =>
        new($"{operation}: memory is only counted here, and nothing computes");
}
