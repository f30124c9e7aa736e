namespace DftNative.Backends.Profiling;

/// <summary>
/// Passes every operation on and, between <see cref="Begin"/> and <see cref="End"/>, times it: by marks on a GPU's stream,
/// by the clock on a CPU. Nothing waits, and nothing is computed otherwise.
/// </summary>
/// <param name="inner">What computes; not owned.</param>
public sealed class ProfiledBackend(IBackend inner) : IBackend
{
    private readonly OperationTimer timer = inner.CreateOperationTimer();
    private bool isTiming;

    /// <inheritdoc/>
    public string Description => inner.Description;

    /// <inheritdoc/>
    public DataType ComputeType => inner.ComputeType;

    /// <inheritdoc/>
    public bool PadsMicroBatches => inner.PadsMicroBatches;

    /// <inheritdoc/>
    public BackendLimits Limits => inner.Limits;

    /// <inheritdoc/>
    public double? PeakFlopsPerSecond => inner.PeakFlopsPerSecond;

    /// <inheritdoc/>
    public long AllocatedBytes => inner.AllocatedBytes;

    /// <inheritdoc/>
    public long PeakAllocatedBytes => inner.PeakAllocatedBytes;

    /// <summary>Times operations from here on.</summary>
    public void Begin() => isTiming = true;

    /// <summary>Times no more, and tells how long each kind of operation took since <see cref="Begin"/>; waits for the last one.</summary>
    /// <param name="seconds">[<see cref="OperationTimer.OperationCount"/>] written: by <see cref="BackendOperation"/>.</param>
    public void End(Span<double> seconds)
    {
        isTiming = false;
        timer.Collect(seconds);
    }

    /// <inheritdoc/>
    public OperationTimer CreateOperationTimer() => inner.CreateOperationTimer();

    /// <inheritdoc/>
    public bool CountsOnly => inner.CountsOnly;

    /// <inheritdoc/>
    public DeviceMemory? GetMemory() => inner.GetMemory();

    /// <inheritdoc/>
    public void Reserve(in PassShape shape) => inner.Reserve(shape);

    /// <inheritdoc/>
    public string? ExportPlans() => inner.ExportPlans();

    /// <inheritdoc/>
    public bool ImportPlans(string plans) => inner.ImportPlans(plans);

    /// <inheritdoc/>
    public void BeginPass(in GradientRounding rounding) => inner.BeginPass(rounding);

    /// <inheritdoc/>
    public DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name) => inner.Allocate(dataType, length, category, name);

    /// <inheritdoc/>
    public void Upload<T>(ReadOnlySpan<T> source, Vector destination) where T : unmanaged => inner.Upload(source, destination);

    /// <inheritdoc/>
    public void Download<T>(Vector source, Span<T> destination) where T : unmanaged => inner.Download(source, destination);

    /// <inheritdoc/>
    public void Synchronize() => inner.Synchronize();

    /// <inheritdoc/>
    public void Zero(Vector destination)
    {
        Start();
        inner.Zero(destination);
        Stop(BackendOperation.Memory);
    }

    /// <inheritdoc/>
    public void Copy(Vector source, Vector destination)
    {
        Start();
        inner.Copy(source, destination);
        Stop(BackendOperation.Memory);
    }

    /// <inheritdoc/>
    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output)
    {
        Start();
        inner.EmbeddingForward(tokens, table, output);
        Stop(BackendOperation.Embedding);
    }

    /// <inheritdoc/>
    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient)
    {
        Start();
        inner.EmbeddingBackward(distinctTokens, rowStarts, rows, outputGradient, tableGradient);
        Stop(BackendOperation.Embedding);
    }

    /// <inheritdoc/>
    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output)
    {
        Start();
        inner.LinearForward(input, weight, bias, output);
        Stop(BackendOperation.LinearForward);
    }

    /// <inheritdoc/>
    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient)
    {
        Start();
        inner.LinearInputGradient(outputGradient, weight, inputGradient);
        Stop(BackendOperation.LinearBackward);
    }

    /// <inheritdoc/>
    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient)
    {
        Start();
        inner.LinearWeightGradient(outputGradient, input, weightGradient, biasGradient);
        Stop(BackendOperation.LinearBackward);
    }

    /// <inheritdoc/>
    public void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon)
    {
        Start();
        inner.ResidualRmsNormForward(x, residual, weight, sum, output, rstd, epsilon);
        Stop(BackendOperation.RmsNorm);
    }

    /// <inheritdoc/>
    public void ResidualRmsNormBackward(
        Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate)
    {
        Start();
        inner.ResidualRmsNormBackward(outputGradient, sum, weight, rstd, sumGradient, weightGradient, accumulate);
        Stop(BackendOperation.RmsNorm);
    }

    /// <inheritdoc/>
    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon)
    {
        Start();
        inner.HeadRmsNormForward(x, weight, output, rstd, epsilon);
        Stop(BackendOperation.RmsNorm);
    }

    /// <inheritdoc/>
    public void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient)
    {
        Start();
        inner.HeadRmsNormBackward(outputGradient, x, weight, rstd, xGradient, weightGradient);
        Stop(BackendOperation.RmsNorm);
    }

    /// <inheritdoc/>
    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse)
    {
        Start();
        inner.RotaryEmbedding(x, positions, cosSin, headDimension, inverse);
        Stop(BackendOperation.RotaryEmbedding);
    }

    /// <inheritdoc/>
    public AttentionPlan? PlanAttention(ReadOnlySpan<AttentionRange> ranges, in AttentionShape shape, bool training) => inner.PlanAttention(ranges, in shape, training);

    /// <inheritdoc/>
    public void AttentionForward(
        Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape)
    {
        Start();
        inner.AttentionForward(query, key, value, output, logSumExp, in ranges, in shape);
        Stop(BackendOperation.AttentionForward);
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape)
    {
        Start();
        inner.AttentionBackward(outputGradient, query, key, value, output, logSumExp, queryGradient, keyGradient, valueGradient, in ranges, in shape);
        Stop(BackendOperation.AttentionBackward);
    }

    /// <inheritdoc/>
    public void SwiGluForward(Matrix gateUp, Matrix output)
    {
        Start();
        inner.SwiGluForward(gateUp, output);
        Stop(BackendOperation.SwiGlu);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output)
    {
        Start();
        inner.SwiGluBackward(outputGradient, gateUp, gateUpGradient, output);
        Stop(BackendOperation.SwiGlu);
    }

    /// <inheritdoc/>
    public void GatherRows(Matrix source, Vector rows, Matrix destination)
    {
        Start();
        inner.GatherRows(source, rows, destination);
        Stop(BackendOperation.Rows);
    }

    /// <inheritdoc/>
    public void ScatterRows(Matrix source, Vector rows, Matrix destination)
    {
        Start();
        inner.ScatterRows(source, rows, destination);
        Stop(BackendOperation.Rows);
    }

    /// <inheritdoc/>
    public void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn) =>
        inner.SampleTokens(logits, options, rows, earlierTokens, drawn);

    /// <inheritdoc/>
    public void TokenLoss(in TokenLossArguments arguments)
    {
        Start();
        inner.TokenLoss(in arguments);
        Stop(BackendOperation.LossHead);
    }

    /// <inheritdoc/>
    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default)
    {
        Start();
        inner.GradientNorm(gradients, maxNorm, normAndClip, statistics);
        Stop(BackendOperation.Optimizer);
    }

    /// <inheritdoc/>
    public void AdamWStep(in AdamWArguments arguments)
    {
        Start();
        inner.AdamWStep(in arguments);
        Stop(BackendOperation.Optimizer);
    }

    /// <summary>Ends the timing; the backend within goes on.</summary>
    public void Dispose() => timer.Dispose();

    private void Start()
    {
        if (isTiming) timer.Start();
    }

    private void Stop(BackendOperation operation)
    {
        if (isTiming) timer.Stop(operation);
    }
}
