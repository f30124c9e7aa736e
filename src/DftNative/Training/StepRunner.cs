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
    private readonly double[] statistics = new double[TokenLossStatistics.StepLength];

    /// <summary>Sums over the last step's targets, from before its update.</summary>
    public TokenLossStatistics Statistics => TokenLossStatistics.FromValues(statistics);

    /// <summary>Does the host's part of a step; any thread may do it while the device works on another.</summary>
    public StepBatch Prepare(IReadOnlyList<TrainingRow> rows) => new(rows, transformer, options);

    /// <summary>
    /// Passes over the rows, and the update unless there is nothing to learn or a number is not finite, which the device
    /// decides: the host waits for it once, at the end. Allocates nothing on the managed heap once every shape has been seen.
    /// </summary>
    /// <param name="batch">The rows of the step.</param>
    /// <param name="update">Which update this is, from 1: AdamW's t, which skipped steps do not advance.</param>
    /// <param name="learningRate">Of this step.</param>
    public StepResult Run(StepBatch batch, int update, double learningRate)
    {
        var paddedCount = backend.PadsMicroBatches ? Math.Max(batch.TokenCount, (long)batch.Passes.Length * transformer.MaxTokens) : batch.TokenCount;
        var result = new StepResult(batch.TokenCount, paddedCount, GradientNorm: null, IsSkipped: false);
        if (batch.TargetCount == 0)
        {
            Array.Clear(statistics);
            return result;
        }

        transformer.ZeroGradients(update);
        transformer.ResetStatistics();
        foreach (var pass in batch.Passes) transformer.ForwardBackward(pass, weighting, 1f / batch.TargetCount);
        optimizer.Step(update, (float)learningRate, (float)options.MaxGradNorm);
        transformer.ReadStatistics(statistics);
        var norm = statistics[TokenLossStatistics.GradientNormIndex];
        return result with { GradientNorm = norm, IsSkipped = !double.IsFinite(norm) };
    }
}
