using DftNative.Backends;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training;

/// <summary>One optimizer step: passes over its rows, then the update.</summary>
/// <param name="backend">The device.</param>
/// <param name="transformer">Made for training.</param>
/// <param name="optimizer">The optimizer of the transformer.</param>
/// <param name="options">Resolved options of the run.</param>
internal sealed class StepRunner(IBackend backend, Transformer transformer, AdamWOptimizer optimizer, TrainingOptions options)
{
    private readonly TokenWeighting weighting = options.TokenLoss.Weighting;
    private readonly double[] statistics = new double[TokenLossStatistics.Length];

    /// <summary>Sums over the last step's targets, from before its update.</summary>
    public TokenLossStatistics Statistics => TokenLossStatistics.FromValues(statistics);

    /// <summary>Packs the rows of a step.</summary>
    public StepBatch Prepare(IReadOnlyList<TrainingRow> rows) => new(rows, transformer.Configuration, transformer.MaxTokens, options);

    /// <summary>
    /// Passes over the rows, and the update unless there is nothing to learn or a number is not finite. Allocates nothing
    /// on the managed heap once every shape has been seen.
    /// </summary>
    /// <param name="batch">The rows of the step.</param>
    /// <param name="update">Which update this is, from 1: AdamW's t, which skipped steps do not advance.</param>
    /// <param name="learningRate">Of this step.</param>
    public StepResult Run(StepBatch batch, int update, double learningRate)
    {
        transformer.ZeroGradients(update);
        transformer.ResetStatistics();
        var gradientScale = batch.TargetCount == 0 ? 0 : 1f / batch.TargetCount;
        foreach (var pass in batch.Passes) transformer.ForwardBackward(pass, weighting, gradientScale);
        transformer.ReadStatistics(statistics);
        var paddedCount = backend.PadsMicroBatches ? Math.Max(batch.TokenCount, (long)batch.Passes.Length * transformer.MaxTokens) : batch.TokenCount;
        var result = new StepResult(batch.TokenCount, paddedCount, GradientNorm: null, IsSkipped: false);
        if (batch.TargetCount == 0) return result;
        if (!TokenLossStatistics.AreSumsFinite(statistics)) return result with { IsSkipped = true };
        optimizer.Step(update, (float)learningRate, (float)options.MaxGradNorm);
        var norm = optimizer.ReadGradientNorm();
        return result with { GradientNorm = norm, IsSkipped = !float.IsFinite(norm) };
    }
}
