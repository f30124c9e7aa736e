namespace DftNative.Backends;

/// <summary>What a device buffer is for: the rows of the memory plan.</summary>
public enum MemoryCategory
{
    /// <summary>Model parameters.</summary>
    Weights,

    /// <summary>What completes the weights to an fp32 master.</summary>
    Master,

    /// <summary>Parameter gradients.</summary>
    Gradients,

    /// <summary>AdamW's first and second moments.</summary>
    OptimizerState,

    /// <summary>What forward keeps for backward, and the gradients that flow between layers.</summary>
    Activations,

    /// <summary>Scratch of the loss head.</summary>
    LossHead,

    /// <summary>Keys and values of generated sequences.</summary>
    KeyValueCache,

    /// <summary>Scratch of operations, and small vectors.</summary>
    Workspace,

    /// <summary>The driver's own, in plans alone: the context, loaded code, whole pages.</summary>
    Driver,
}
