using DftNative.Models;

namespace DftNative.Training.Planning;

/// <summary>What of a run trades memory for time.</summary>
/// <param name="MicroBatchTokens">The most tokens of one pass through the model.</param>
/// <param name="Recompute">What backward computes again.</param>
/// <param name="LossChunkRows">Rows of the loss head whose logits are alive at once.</param>
public readonly record struct PassChoice(int MicroBatchTokens, RecomputeLevel Recompute, int LossChunkRows);
