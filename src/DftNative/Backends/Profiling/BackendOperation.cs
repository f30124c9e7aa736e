namespace DftNative.Backends.Profiling;

/// <summary>The kinds of operations that a <see cref="ProfiledBackend"/> tells apart.</summary>
public enum BackendOperation
{
    /// <summary>The embedding, forward and backward.</summary>
    Embedding,

    /// <summary>Linear layers, forward.</summary>
    LinearForward,

    /// <summary>Linear layers, backward.</summary>
    LinearBackward,

    /// <summary>Attention, forward.</summary>
    AttentionForward,

    /// <summary>Attention, backward.</summary>
    AttentionBackward,

    /// <summary>RMSNorm of rows and of heads, forward and backward.</summary>
    RmsNorm,

    /// <summary>Rotations by position.</summary>
    RotaryEmbedding,

    /// <summary>SwiGLU, forward and backward.</summary>
    SwiGlu,

    /// <summary>Rows gathered and scattered.</summary>
    Rows,

    /// <summary>Memory set to zero or copied on the device.</summary>
    Memory,

    /// <summary>The LM head and the token loss, their matrix products included.</summary>
    LossHead,

    /// <summary>The gradient's norm and the update.</summary>
    Optimizer,
}
