namespace DftNative.Training.Planning;

/// <summary>What backward computes again in place of keeping it.</summary>
public enum RecomputeLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Norms and SwiGLU's output.</summary>
    Norms,

    /// <summary>Also the product of gate and up.</summary>
    FeedForward,

    /// <summary>All but the residual stream at each block's entry.</summary>
    Block,
}
