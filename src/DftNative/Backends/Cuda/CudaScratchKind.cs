namespace DftNative.Backends.Cuda;

/// <summary>What one operation, or a few that never run at once, keep scratch memory for. Each exists once and is compared by reference.</summary>
internal sealed class CudaScratchKind
{
    private CudaScratchKind(string name, DataType dataType, MemoryCategory category) => (Name, DataType, Category) = (name, dataType, category);

    /// <summary>[tiles · 4] int32: what blocks of attention's forward pass work on.</summary>
    public static CudaScratchKind AttentionForwardTiles { get; } = new("attention forward tiles", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[tiles · 4] int32: what blocks of attention's backward pass over queries work on.</summary>
    public static CudaScratchKind AttentionQueryTiles { get; } = new("attention query tiles", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[tiles · 4] int32: what blocks of attention's backward pass over keys work on.</summary>
    public static CudaScratchKind AttentionKeyTiles { get; } = new("attention key tiles", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[chunks · 4] int32: what blocks of attention over a cache work on.</summary>
    public static CudaScratchKind AttentionDecodeChunks { get; } = new("attention decode chunks", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[chunks · heads · (headDimension + 2)] fp32: what attention over a cache leaves of each chunk of keys.</summary>
    public static CudaScratchKind AttentionDecodePartials { get; } = new("attention decode partials", DataType.Float32, MemoryCategory.Workspace);

    /// <summary>[heads, T] fp32: Σ dO∘O.</summary>
    public static CudaScratchKind AttentionDelta { get; } = new("attention delta", DataType.Float32, MemoryCategory.Workspace);

    /// <summary>[parts, columns] fp32: sums over parts of the rows.</summary>
    public static CudaScratchKind ColumnPartials { get; } = new("partial sums of columns", DataType.Float32, MemoryCategory.Workspace);

    /// <summary>[blocks] fp64: sums of squares.</summary>
    public static CudaScratchKind GradientNormPartials { get; } = new("gradient norm's partial sums", DataType.Float64, MemoryCategory.Workspace);

    /// <summary>[chunk, vocabulary] fp32: logits, then their gradients.</summary>
    public static CudaScratchKind Logits { get; } = new("logits", DataType.Float32, MemoryCategory.LossHead);

    /// <summary>[T, 4] fp32: what the loss of each row adds to the statistics.</summary>
    public static CudaScratchKind LossRowStatistics { get; } = new("loss statistics", DataType.Float32, MemoryCategory.LossHead);

    /// <summary>[rows, capacity] int32: tokens that a repetition penalty is for.</summary>
    public static CudaScratchKind SamplingEarlierTokens { get; } = new("earlier tokens", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[rows, 4] int32: what rows are sampled by.</summary>
    public static CudaScratchKind SamplingRows { get; } = new("rows to sample", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[rows, 6] int32: what was drawn.</summary>
    public static CudaScratchKind SamplingDraws { get; } = new("drawn tokens", DataType.Int32, MemoryCategory.Workspace);

    /// <summary>[slice, in] fp32: a part of a weight's gradient, to be added to bf16 gradients.</summary>
    public static CudaScratchKind WeightGradientSums { get; } = new("weight gradients before rounding", DataType.Float32, MemoryCategory.Workspace);

    /// <summary>What the memory holds, for messages and plans.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DataType DataType { get; }

    /// <summary>The row of the memory plan.</summary>
    public MemoryCategory Category { get; }
}
