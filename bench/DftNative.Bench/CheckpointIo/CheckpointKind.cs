namespace DftNative.Bench.CheckpointIo;

/// <summary>What is saved and loaded.</summary>
internal enum CheckpointKind
{
    /// <summary>A model of Qwen2.5-1.5B's shape in bf16, in shards of 1 GB: 3.1 GB.</summary>
    Model,

    /// <summary>A training checkpoint of a model with its vocabulary and one layer, with fp32 weights and moments: 3.9 GB.</summary>
    Training,
}
