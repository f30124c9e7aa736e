using DftNative.Losses;

namespace DftNative.Backends;

/// <summary>
/// The operands of the loss head: the L compacted target rows of one micro-batch (rows with label −100 are not among them),
/// and dead rows after them up to N, so that matrix products keep one shape: they have no loss and add nothing to the weight's gradient.
/// </summary>
/// <param name="Hidden">[N, hidden] compute type: final hidden states that predict a target; of dead rows any finite numbers.</param>
/// <param name="Weight">[vocabulary, hidden] compute type: the LM head.</param>
/// <param name="Targets">[L] int32.</param>
/// <param name="StaticWeights">[L] fp32: factor on each token's loss (1 unless the data say otherwise).</param>
/// <param name="IsStatic">[L] int32: 1 where the weight is StaticWeights alone, without the factor that depends on p.</param>
/// <param name="LogProbabilities">[L] fp32, written: log p of each target. Its length is L.</param>
/// <param name="Statistics">[<see cref="TokenLossStatistics.Length"/>] fp64, added to: the sums of <see cref="TokenLossStatistics"/>; empty: they are not wanted.</param>
/// <param name="HiddenGradient">[N, hidden] compute type, written for live rows; empty: forward alone.</param>
/// <param name="WeightGradient">[vocabulary, hidden] gradient type, added to; empty: forward alone.</param>
/// <param name="GradientScale">1 / (non-masked targets of the whole optimizer step).</param>
/// <param name="Weighting">How the weight depends on p or on the entropy; what its other properties ask for is in StaticWeights and <see cref="Reference"/> already.</param>
/// <param name="ChunkRows">Rows whose logits are alive at once, at most; the order in which the weight's gradient is added up depends on it.</param>
public readonly record struct TokenLossArguments(
    Matrix Hidden, Matrix Weight, Vector Targets, Vector StaticWeights, Vector IsStatic,
    Vector LogProbabilities, Vector Statistics, Matrix HiddenGradient, Matrix WeightGradient,
    float GradientScale, TokenWeighting Weighting, int ChunkRows)
{
    /// <summary>[L] fp32, written: the entropy, in nats, of each row's distribution over the vocabulary; empty: not wanted. Forward alone.</summary>
    public Vector Entropies { get; init; }

    /// <summary>The frozen model from which the divergence is; <c>default</c>: none.</summary>
    public ReferenceHead Reference { get; init; }
}
