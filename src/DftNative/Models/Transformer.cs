using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

/// <summary>
/// A decoder-only transformer: its parameters on a backend, forward and backward written out layer by layer. One class
/// for every architecture and every backend. Used by one thread at a time.
/// </summary>
public sealed partial class Transformer : IDisposable
{
    private readonly IBackend backend;
    private readonly TransformerOptions options;
    private readonly List<IDisposable> owned = [];
    private readonly LayerViews[] weights;
    private readonly LayerViews[] gradients;
    private readonly LayerActivations[] activations;
    private readonly DeviceBatch batch;
    private readonly Matrix embedding, head, embeddingGradient, headGradient;
    private readonly Vector finalNorm, finalNormGradient;
    private readonly Matrix finalResidual, finalNormed, projected, headHidden, headHiddenGradient;
    private readonly Matrix residualGradient, normedGradient, queryKeyValueGradient, attendedGradient, activatedGradient;
    private readonly Vector finalRstd, statistics;
    private readonly Matrix cosSin;
    private readonly AttentionShape attentionShape;
    private int step, passCount;

    /// <summary>Allocates everything that a run needs; steps allocate nothing. The parameters are zero until they are loaded.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="options">What it is made for.</param>
    /// <exception cref="DftNativeException">The device cannot compute with the model's shapes, or is out of memory.</exception>
    public Transformer(IBackend backend, ModelConfiguration configuration, TransformerOptions options)
    {
        var (maxTokens, training) = (options.MaxTokens, options.Training);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LossChunkRows, 1, nameof(options));
        ModelSupport.Require(backend, configuration);
        (this.backend, this.options, Configuration, MaxTokens) = (backend, options, configuration, maxTokens);
        MaxPositions = options.MaxPositions == 0 ? maxTokens : options.MaxPositions;
        Layout = new ParameterLayout(configuration);
        int hidden = configuration.HiddenSize, query = configuration.QuerySize, keyValue = configuration.KeyValueSize;
        var compute = backend.ComputeType;
        try
        {
            Parameters = Allocate(compute, Layout.ArenaLength, MemoryCategory.Weights, "parameters").AsVector();
            (weights, embedding, finalNorm, head) = Views(Parameters);
            if (training)
            {
                Gradients = Allocate(options.GradientType, Layout.ArenaLength, MemoryCategory.Gradients, "gradients").AsVector();
                (gradients, embeddingGradient, finalNormGradient, headGradient) = Views(Gradients);
            }
            else
            {
                gradients = [];
            }

            activations = new LayerActivations[configuration.LayerCount];
            for (var layer = 0; layer < activations.Length; layer++)
            {
                activations[layer] = training || layer == 0
                    ? Own(new LayerActivations(backend, configuration, options, training ? $"layer {layer}" : "layers", layer == 0 ? null : activations[0]))
                    : activations[0];
            }

            finalResidual = Activation(hidden, "final residual");
            finalNormed = Activation(hidden, "final normed");
            finalRstd = Allocate(DataType.Float32, maxTokens, MemoryCategory.Activations, "final rstd").AsVector();
            projected = Activation(hidden, "projected");
            headHidden = Activation(hidden, "hidden states of targets");
            if (training)
            {
                headHiddenGradient = Activation(hidden, "gradient of the targets' hidden states");
                // The final norm's backward writes over its input; its output is no longer needed once the head has its rows.
                (residualGradient, normedGradient) = (finalResidual, finalNormed);
                queryKeyValueGradient = Activation(query + (2 * keyValue), "gradient of qkv");
                attendedGradient = Activation(query, "gradient of attended");
                // SwiGLU's backward writes its output over its gradient, if at all: one memory for both, unless every layer keeps its output.
                activatedGradient = options.Recompute == RecomputeLevel.None
                    ? Activation(configuration.IntermediateSize, "gradient of activated")
                    : activations[0].Activated;
            }

            batch = Own(new DeviceBatch(backend, maxTokens, training, options.Scoring));
            StepStatistics = Allocate(DataType.Float64, TokenLossStatistics.StepLength, MemoryCategory.Workspace, "loss statistics").AsVector();
            statistics = StepStatistics.Slice(0, TokenLossStatistics.Length);
            cosSin = Allocate(DataType.Float32, (long)MaxPositions * configuration.HeadDimension, MemoryCategory.Workspace, "RoPE table")
                .AsMatrix(MaxPositions, configuration.HeadDimension);
            backend.Reserve(options.ShapeOf(configuration));
            if (!backend.CountsOnly) backend.Upload<float>(RotaryTable.Create(configuration, MaxPositions), new Vector(cosSin.Buffer!, 0, cosSin.Buffer!.Length));
        }
        catch
        {
            Dispose();
            throw;
        }

        attentionShape = new AttentionShape(
            configuration.HeadCount, configuration.KeyValueHeadCount, configuration.HeadDimension, (float)(1 / Math.Sqrt(configuration.HeadDimension)));

        Matrix Activation(int columns, string name) =>
            Allocate(compute, (long)maxTokens * columns, MemoryCategory.Activations, name).AsMatrix(maxTokens, columns);
    }

    /// <summary>The model.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The most tokens of one pass.</summary>
    public int MaxTokens { get; }

    /// <summary>The most positions of one document.</summary>
    public int MaxPositions { get; }

    /// <summary>Where each parameter lies in <see cref="Parameters"/> and <see cref="Gradients"/>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>[Layout.ArenaLength] compute type.</summary>
    public Vector Parameters { get; }

    /// <summary>[Layout.ArenaLength] gradient type; empty unless training.</summary>
    public Vector Gradients { get; }

    /// <summary>[<see cref="TokenLossStatistics.StepLength"/>] fp64: the sums since the last <see cref="ResetStatistics"/>, then room for the step's gradient norm.</summary>
    public Vector StepStatistics { get; }

    /// <summary>Sets every gradient to zero, and begins an optimizer step.</summary>
    /// <param name="step">Which one: bf16 gradients are rounded by other random bits in each.</param>
    public void ZeroGradients(int step = 0)
    {
        (this.step, passCount) = (step, 0);
        backend.Zero(Gradients);
    }

    /// <summary>The host's part of a pass, which any thread may do while the device works on another.</summary>
    /// <param name="microBatch">At most <see cref="MaxTokens"/> tokens.</param>
    public PreparedPass Prepare(MicroBatch microBatch) => new(
        microBatch, backend.PadsMicroBatches ? Math.Max(MaxTokens, microBatch.TokenCount) : microBatch.TokenCount,
        ranges => backend.PlanAttention(ranges, attentionShape, options.Training));

    /// <summary>Forward and backward of one micro-batch: adds to the gradients and to the statistics.</summary>
    /// <param name="microBatch">At most <see cref="MaxTokens"/> tokens.</param>
    /// <param name="weighting">w, and what is added; <see cref="FrozenReference"/> must be set where it asks for one.</param>
    /// <param name="gradientScale">1 / (targets of the whole optimizer step).</param>
    public void ForwardBackward(MicroBatch microBatch, TokenWeighting weighting, float gradientScale) =>
        ForwardBackward(Prepare(microBatch), weighting, gradientScale);

    /// <summary>Forward and backward of one micro-batch: adds to the gradients and to the statistics. Allocates nothing.</summary>
    /// <param name="pass">What <see cref="Prepare"/> gave.</param>
    /// <param name="weighting">w as a function of p.</param>
    /// <param name="gradientScale">1 / (targets of the whole optimizer step).</param>
    public void ForwardBackward(PreparedPass pass, TokenWeighting weighting, float gradientScale)
    {
        batch.Set(pass);
        batch.SetTokenRows(pass.Batch);
        backend.BeginPass(new GradientRounding(options.Seed, step, passCount++));
        if (batch.HeadRowCount == 0) return;
        Forward(cache: null);
        Loss(pass, weighting, gradientScale, backward: true);
        Backward();
    }

    /// <summary>Forward of one micro-batch: adds to the statistics only. The transformer is made for training or scoring, so that there is memory for the loss.</summary>
    public void Evaluate(MicroBatch microBatch, TokenWeighting weighting) => Evaluate(Prepare(microBatch), weighting);

    /// <summary>The same of a micro-batch that is prepared.</summary>
    public void Evaluate(PreparedPass pass, TokenWeighting weighting)
    {
        if (!options.Training && !options.Scoring) throw new InvalidOperationException("a transformer that is made neither for training nor for scoring has no memory for the loss head");
        batch.Set(pass);
        if (batch.HeadRowCount == 0) return;
        Forward(cache: null);
        Loss(pass, weighting, gradientScale: 0, backward: false);
    }

    /// <summary>Runs new tokens of several sequences, appends their keys and values to the cache, and gives the logits after each part's last token.</summary>
    /// <param name="parts">The sequences' new tokens, at most <see cref="MaxTokens"/> in all; their slots are all different.</param>
    /// <param name="cache">What the slots hold so far.</param>
    /// <param name="logits">[parts, vocabulary] fp32, written. More rows, at most MaxTokens, only make the head's product larger.</param>
    public void ForwardCached(ReadOnlySpan<CachedPart> parts, KeyValueCache cache, Matrix logits)
    {
        batch.Set(parts, cache, logits.Rows);
        Forward(cache);
        var hidden = headHidden.SliceRows(0, logits.Rows);
        backend.GatherRows(finalNormed, batch.HeadRows, hidden);
        backend.LinearForward(hidden, head, default, logits);
    }

    /// <summary>The log p of each target of the last micro-batch, in its order; waits for the device.</summary>
    /// <param name="destination">Written: as many as the micro-batch has targets.</param>
    public void ReadLogProbabilities(Span<float> destination) => backend.Download(batch.LogProbabilities, destination);

    /// <summary>The entropy, in nats, of the distribution that each target of the last evaluated micro-batch was predicted by; waits for the device. The transformer is made for scoring.</summary>
    /// <param name="destination">Written: as many as the micro-batch has targets.</param>
    public void ReadEntropies(Span<float> destination) => backend.Download(batch.Entropies, destination);

    /// <summary>The statistics since the last <see cref="ResetStatistics"/>; waits for the device.</summary>
    public TokenLossStatistics ReadStatistics()
    {
        Span<double> values = stackalloc double[TokenLossStatistics.Length];
        ReadStatistics(values);
        return TokenLossStatistics.FromValues(values);
    }

    /// <summary>The same as the device vector's values; waits for the device.</summary>
    /// <param name="values">[<see cref="TokenLossStatistics.Length"/>] written; [<see cref="TokenLossStatistics.StepLength"/>]: with the gradient norm.</param>
    public void ReadStatistics(Span<double> values) => backend.Download(StepStatistics.Slice(0, values.Length), values);

    /// <summary>Sets the statistics to zero.</summary>
    public void ResetStatistics() => backend.Zero(StepStatistics);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        owned.Clear();
    }

    private (LayerViews[] Layers, Matrix Embedding, Vector FinalNorm, Matrix Head) Views(Vector arena)
    {
        var layers = new LayerViews[Configuration.LayerCount];
        for (var layer = 0; layer < layers.Length; layer++) layers[layer] = new LayerViews(arena, Layout, Configuration, layer);
        var table = LayerViews.MatrixAt(arena, Layout, "model.embed_tokens.weight", Configuration.VocabularySize, Configuration.HiddenSize);
        var lmHead = Configuration.TieWordEmbeddings
            ? table
            : LayerViews.MatrixAt(arena, Layout, "lm_head.weight", Configuration.VocabularySize, Configuration.HiddenSize);
        return (layers, table, LayerViews.VectorAt(arena, Layout, "model.norm.weight"), lmHead);
    }

    private float Epsilon => Configuration.RmsNormEpsilon;

    private DeviceBuffer Allocate(DataType dataType, long length, MemoryCategory category, string name) =>
        Own(backend.Allocate(dataType, length, category, name));

    private T Own<T>(T resource) where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }
}
