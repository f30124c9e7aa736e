namespace DftNative.Models;

/// <summary>
/// Which of a layer's activations forward does not keep, and backward computes again by the same operations: memory against
/// time, and the same gradients to the bit. Each level drops what the one before it does.
/// </summary>
public enum RecomputeLevel
{
    /// <summary>Every activation is kept.</summary>
    None,

    /// <summary>The norms' and SwiGLU's outputs are dropped: no matrix product is computed again.</summary>
    Norms,

    /// <summary>The product of gate and up too: nothing of the feed-forward half is kept.</summary>
    FeedForward,

    /// <summary>Only the residual stream at each layer's entry is kept: attention is computed again too.</summary>
    Block,
}
