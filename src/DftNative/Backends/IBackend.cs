using DftNative.Backends.Profiling;

namespace DftNative.Backends;

/// <summary>
/// A device and the layer operations that the transformer is written against. Operations are ordered on one stream and
/// may return before they have run; only <see cref="Download{T}"/> and <see cref="Synchronize"/> wait. Within the shapes that
/// were given to <see cref="Reserve"/> no operation allocates device memory; beyond them its scratch memory grows.
/// "Compute type" is <see cref="ComputeType"/>; "gradient type", that of parameters' gradients, is fp32, or bf16 where the
/// compute type is: sums are fp32 then too, and what is added is rounded stochastically (see <see cref="BeginPass"/>). They
/// are added to, so that micro-batches accumulate; statistics are fp32 or fp64. Shapes are [rows, columns], row-major.
/// A GPU asks of compute-type views that they begin at multiples of 16 bytes, with row strides that are such multiples.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>The device in words, for logs: its name, threads or memory, and the library that does its GEMMs.</summary>
    string Description { get; }

    /// <summary>The type of weights and activations: fp32 on the CPU, bf16 on a GPU.</summary>
    DataType ComputeType { get; }

    /// <summary>Whether a micro-batch is filled up with dead rows to its full size, so that every GEMM keeps one shape.</summary>
    bool PadsMicroBatches { get; }

    /// <summary>The shapes that the operations take.</summary>
    BackendLimits Limits { get; }

    /// <summary>Dense floating-point operations of the compute type a second at best, by the maker; null where that is not known, or means nothing.</summary>
    double? PeakFlopsPerSecond { get; }

    /// <summary>Whether it only counts what is allocated: what would be uploaded need not be made.</summary>
    bool CountsOnly => false;

    /// <summary>Bytes of the device buffers alive now.</summary>
    long AllocatedBytes { get; }

    /// <summary>The most bytes that were alive at once.</summary>
    long PeakAllocatedBytes { get; }

    /// <summary>Asks for the memory that the device has now; null where it is the host's.</summary>
    DeviceMemory? GetMemory();

    /// <summary>Allocates a zeroed buffer.</summary>
    DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name);

    /// <summary>Allocates the scratch memory of all operations for passes of up to that shape, and keeps it as long as the backend lives.</summary>
    /// <param name="shape">The largest pass.</param>
    void Reserve(in PassShape shape);

    /// <summary>How matrix products are computed, where the device has a choice that shows in their last bits: JSON, for <see cref="ImportPlans"/>. Null: it has none.</summary>
    string? ExportPlans();

    /// <summary>Computes matrix products as the run did that exported its plans, whatever was found to be faster since.</summary>
    /// <param name="plans">What <see cref="ExportPlans"/> gave.</param>
    /// <returns>False where they are another device's: products are then computed as in a new run.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: they cannot be read.</exception>
    bool ImportPlans(string plans);

    /// <summary>Copies host values to the device; the source may be reused on return.</summary>
    /// <param name="source">At most <c>destination.Length</c> elements of the destination's type.</param>
    /// <param name="destination">The view whose first elements are written.</param>
    void Upload<T>(ReadOnlySpan<T> source, Vector destination) where T : unmanaged;

    /// <summary>Copies device values to the host, after all earlier operations.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="destination">As many elements of the source's type, written.</param>
    void Download<T>(Vector source, Span<T> destination) where T : unmanaged;

    /// <summary>Sets every element to zero.</summary>
    void Zero(Vector destination);

    /// <summary>Copies between views of one length, converting fp32 and bf16 into each other where their types differ.</summary>
    void Copy(Vector source, Vector destination);

    /// <summary>What times operations here: a clock suffices where they run before they return.</summary>
    OperationTimer CreateOperationTimer() => new ClockTimer();

    /// <summary>Waits until every operation so far has run, and reports a fault of any of them.</summary>
    void Synchronize();

    /// <summary>Says where the operations that add to bf16 gradients take their random bits from now on; fp32 gradients have no use for it.</summary>
    void BeginPass(in GradientRounding rounding);

    /// <summary>output[t] = table[tokens[t]].</summary>
    /// <param name="tokens">[T] int32.</param>
    /// <param name="table">[vocabulary, hidden] compute type.</param>
    /// <param name="output">[T, hidden] compute type.</param>
    void EmbeddingForward(Vector tokens, Matrix table, Matrix output);

    /// <summary>tableGradient[token] += Σ over the token's rows of outputGradient, in ascending row order: one owner a token.</summary>
    /// <param name="distinctTokens">[D] int32: the batch's distinct tokens, ascending.</param>
    /// <param name="rowStarts">[D + 1] int32: where each distinct token's part of <paramref name="rows"/> begins.</param>
    /// <param name="rows">[T] int32: row indices grouped by token, ascending within a group.</param>
    /// <param name="outputGradient">[T, hidden] compute type.</param>
    /// <param name="tableGradient">[vocabulary, hidden] gradient type, added to.</param>
    void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient);

    /// <summary>output = input · weightᵀ + bias.</summary>
    /// <param name="input">[T, in] compute type.</param>
    /// <param name="weight">[out, in] compute type.</param>
    /// <param name="bias">[out] compute type, or empty.</param>
    /// <param name="output">[T, out] compute type, or fp32 (logits).</param>
    void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output);

    /// <summary>Backward of <see cref="LinearForward"/>: inputGradient = outputGradient · weight.</summary>
    /// <param name="outputGradient">[T, out] compute type.</param>
    /// <param name="weight">[out, in] compute type.</param>
    /// <param name="inputGradient">[T, in] compute type, written; overlaps no operand.</param>
    void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient);

    /// <summary>Backward of <see cref="LinearForward"/>: weightGradient += outputGradientᵀ · input; biasGradient += Σ_t outputGradient[t].</summary>
    /// <param name="outputGradient">[T, out] compute type.</param>
    /// <param name="input">[T, in] compute type, as in forward.</param>
    /// <param name="weightGradient">[out, in] gradient type, added to.</param>
    /// <param name="biasGradient">[out] gradient type, added to; empty without a bias.</param>
    void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient);

    /// <summary>
    /// sum = x + residual; rstd = 1/√(mean(sum²) + ε); output = sum·rstd·weight (Zhang and Sennrich 2019; rounding as in
    /// transformers' Qwen2RMSNorm: sum, then sum·rstd, then the product are each rounded to the compute type).
    /// </summary>
    /// <param name="x">[T, hidden] compute type.</param>
    /// <param name="residual">[T, hidden] compute type; empty: sum = x, and <paramref name="sum"/> is not written and may be empty.</param>
    /// <param name="weight">[hidden] compute type.</param>
    /// <param name="sum">[T, hidden] compute type, written. May alias x or residual.</param>
    /// <param name="output">[T, hidden] compute type, written.</param>
    /// <param name="rstd">[T] fp32, written.</param>
    /// <param name="epsilon">ε.</param>
    void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon);

    /// <summary>
    /// With n = sum·rstd and g = outputGradient·weight: sumGradient (+)= rstd·(g − n·mean(g·n)); weightGradient += Σ_t outputGradient·n.
    /// The result is the gradient of x and of the residual alike.
    /// </summary>
    /// <param name="outputGradient">[T, hidden] compute type.</param>
    /// <param name="sum">[T, hidden] compute type, as forward left it.</param>
    /// <param name="weight">[hidden] compute type.</param>
    /// <param name="rstd">[T] fp32, as forward left it.</param>
    /// <param name="sumGradient">[T, hidden] compute type: added to if <paramref name="accumulate"/>, else written, and may alias sum then.</param>
    /// <param name="weightGradient">[hidden] gradient type, added to.</param>
    /// <param name="accumulate">Whether sumGradient holds the residual stream's gradient already.</param>
    void ResidualRmsNormBackward(Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate);

    /// <summary>RMSNorm of each head's channels by itself (Qwen3's q_norm and k_norm): output[t,h,:] = RMSNorm(x[t,h,:])·weight.</summary>
    /// <param name="x">[T, heads·headDimension] compute type.</param>
    /// <param name="weight">[headDimension] compute type.</param>
    /// <param name="output">[T, heads·headDimension] compute type, written; does not alias x, which backward needs.</param>
    /// <param name="rstd">[T·heads] fp32, written.</param>
    /// <param name="epsilon">ε.</param>
    void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon);

    /// <summary>Backward of <see cref="HeadRmsNormForward"/>.</summary>
    /// <param name="outputGradient">[T, heads·headDimension] compute type.</param>
    /// <param name="x">As in forward.</param>
    /// <param name="weight">[headDimension] compute type.</param>
    /// <param name="rstd">[T·heads] fp32.</param>
    /// <param name="xGradient">[T, heads·headDimension] compute type, written; may alias outputGradient.</param>
    /// <param name="weightGradient">[headDimension] gradient type, added to.</param>
    void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient);

    /// <summary>
    /// Rotates each head's channel pairs (c, c + headDimension/2) in place by the angle of the row's position (Su et al.
    /// 2021, in transformers' half-split layout). Backward is the inverse rotation of the gradient.
    /// </summary>
    /// <param name="x">[T, heads·headDimension] compute type, rotated in place.</param>
    /// <param name="positions">[T] int32: rows of the table.</param>
    /// <param name="cosSin">[positions, headDimension] fp32: headDimension/2 cosines, then as many sines.</param>
    /// <param name="headDimension">Channels of a head.</param>
    /// <param name="inverse">Rotates back: the backward of the forward rotation.</param>
    void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse);

    /// <summary>The host's part of attention over ranges, done ahead of the pass. Any thread may call it at any time.</summary>
    /// <param name="ranges">What <see cref="AttentionRanges.Host"/> will have.</param>
    /// <param name="shape">Heads and scale.</param>
    /// <param name="training">Whether backward follows forward.</param>
    /// <returns>For <see cref="AttentionRanges.Plan"/>; null: there is nothing to do ahead.</returns>
    AttentionPlan? PlanAttention(ReadOnlySpan<AttentionRange> ranges, in AttentionShape shape, bool training) => null;

    /// <summary>Causal grouped-query attention over ranges: output = softmax(scale·q·kᵀ)·v.</summary>
    /// <param name="query">[Tq, heads·headDimension] compute type.</param>
    /// <param name="key">[Tk, kvHeads·headDimension] compute type.</param>
    /// <param name="value">[Tk, kvHeads·headDimension] compute type.</param>
    /// <param name="output">[Tq, heads·headDimension] compute type, written for the rows in a range.</param>
    /// <param name="logSumExp">[heads, Tq] fp32, written: log Σ exp(scale·q·k) over the visible keys.</param>
    /// <param name="ranges">Which keys each query sees; every query row is in at most one range.</param>
    /// <param name="shape">Heads and scale.</param>
    void AttentionForward(Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape);

    /// <summary>Backward of <see cref="AttentionForward"/> for ranges whose queries and keys are the same rows, by recomputation from logSumExp.</summary>
    /// <param name="outputGradient">[T, heads·headDimension] compute type.</param>
    /// <param name="query">As in forward.</param>
    /// <param name="key">As in forward.</param>
    /// <param name="value">As in forward.</param>
    /// <param name="output">As forward left it.</param>
    /// <param name="logSumExp">As forward left it.</param>
    /// <param name="queryGradient">[T, heads·headDimension] compute type, written for the rows in a range.</param>
    /// <param name="keyGradient">[T, kvHeads·headDimension] compute type, written likewise.</param>
    /// <param name="valueGradient">[T, kvHeads·headDimension] compute type, written likewise.</param>
    /// <param name="ranges">As in forward.</param>
    /// <param name="shape">As in forward.</param>
    void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape);

    /// <summary>output = silu(gate)·up, silu(x) = x/(1 + e^−x) (Shazeer 2020).</summary>
    /// <param name="gateUp">[T, 2·intermediate] compute type: gate, then up.</param>
    /// <param name="output">[T, intermediate] compute type, written.</param>
    void SwiGluForward(Matrix gateUp, Matrix output);

    /// <summary>Backward of <see cref="SwiGluForward"/>, which can give forward's output again, to the bit, where it was not kept.</summary>
    /// <param name="outputGradient">[T, intermediate] compute type.</param>
    /// <param name="gateUp">[T, 2·intermediate] compute type, as in forward.</param>
    /// <param name="gateUpGradient">[T, 2·intermediate] compute type, written; may alias gateUp.</param>
    /// <param name="output">[T, intermediate] compute type, written: silu(gate)·up; may alias outputGradient. Empty: not wanted.</param>
    void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output);

    /// <summary>destination[i] = source[rows[i]].</summary>
    /// <param name="source">[S, columns].</param>
    /// <param name="rows">[N] int32.</param>
    /// <param name="destination">[N, columns], written.</param>
    void GatherRows(Matrix source, Vector rows, Matrix destination);

    /// <summary>destination[rows[i]] = source[i]; other rows keep their values. Also how keys and values are appended to a cache.</summary>
    /// <param name="source">[N, columns].</param>
    /// <param name="rows">[N] int32, all different.</param>
    /// <param name="destination">[S, columns].</param>
    void ScatterRows(Matrix source, Vector rows, Matrix destination);

    /// <summary>Draws a token from each row of logits, and waits for them. The same row gives the same token on every device, whatever rows are beside it.</summary>
    /// <param name="logits">[N or more, vocabulary] fp32, rows from multiples of 16 bytes, a vocabulary below 2²⁰; read.</param>
    /// <param name="options">How, each value in its range.</param>
    /// <param name="rows">[N] what each row's draw depends on.</param>
    /// <param name="earlierTokens">The rows' earlier tokens, below the vocabulary and distinct within a row; without a repetition penalty they are not read.</param>
    /// <param name="drawn">[N] written.</param>
    /// <exception cref="ArgumentException">An operand is not as said; that a row's tokens are distinct is not checked.</exception>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>: a row has no finite logit, or NaN or infinity.</exception>
    void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn);

    /// <summary>
    /// The LM head and the token loss, fused and chunked so that full logits never exist: log p = z_y − logsumexp(z) in
    /// fp32, loss = −w·log p with w detached, and in the same pass the gradients dz_j = scale·w·(softmax_j − [j = y])
    /// carried through the head (target entry w·expm1(log p)).
    /// </summary>
    void TokenLoss(in TokenLossArguments arguments);

    /// <summary>normAndClip = (‖gradients‖₂, min(1, maxNorm/(norm + 1e-6))), on the device; the factor is 1 where maxNorm is 0.</summary>
    /// <param name="gradients">[n] gradient type.</param>
    /// <param name="maxNorm">The norm to clip to; 0: no clipping.</param>
    /// <param name="normAndClip">[2] fp32, written.</param>
    /// <param name="statistics">
    /// [<see cref="Losses.TokenLossStatistics.StepLength"/>] fp64, or empty: what the loss head left of the step. Where its
    /// weighted loss or NLL is not finite, neither is the norm, so that the update is left out; the norm is written behind its sums.
    /// </param>
    void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default);

    /// <summary>One AdamW update of a contiguous part of the arena.</summary>
    void AdamWStep(in AdamWArguments arguments);
}
