using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

/// <summary>A decoder-only transformer: its parameters on a backend, forward and backward.</summary>
public sealed class Transformer : IDisposable
{
    /// <summary>Allocates everything that a run needs; steps allocate nothing.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="maxTokens">The most tokens of one micro-batch (micro_batch_tokens).</param>
    /// <param name="training">Whether gradients and what backward needs are allocated.</param>
    public Transformer(IBackend backend, ModelConfiguration configuration, int maxTokens, bool training) => throw new NotImplementedException();

    /// <summary>The model.</summary>
    public ModelConfiguration Configuration => throw new NotImplementedException();

    /// <summary>Where each parameter lies in <see cref="Parameters"/> and <see cref="Gradients"/>.</summary>
    public ParameterLayout Layout => throw new NotImplementedException();

    /// <summary>[Layout.ArenaLength] compute type.</summary>
    public Vector Parameters => throw new NotImplementedException();

    /// <summary>[Layout.ArenaLength] fp32; empty unless training.</summary>
    public Vector Gradients => throw new NotImplementedException();

    /// <summary>Sets every gradient to zero.</summary>
    public void ZeroGradients() => throw new NotImplementedException();

    /// <summary>Forward and backward of one micro-batch: adds to the gradients and to the statistics.</summary>
    /// <param name="batch">At most maxTokens tokens.</param>
    /// <param name="weighting">w as a function of p.</param>
    /// <param name="gradientScale">1 / (targets of the whole optimizer step).</param>
    public void ForwardBackward(MicroBatch batch, TokenWeighting weighting, float gradientScale) => throw new NotImplementedException();

    /// <summary>Forward of one micro-batch: adds to the statistics only.</summary>
    public void Evaluate(MicroBatch batch, TokenWeighting weighting) => throw new NotImplementedException();

    /// <summary>The log p of each target of the last micro-batch, in its order.</summary>
    public void ReadLogProbabilities(Span<float> destination) => throw new NotImplementedException();

    /// <summary>The statistics since the last <see cref="ResetStatistics"/>; waits for the device.</summary>
    public TokenLossStatistics ReadStatistics() => throw new NotImplementedException();

    /// <summary>Sets the statistics to zero.</summary>
    public void ResetStatistics() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
