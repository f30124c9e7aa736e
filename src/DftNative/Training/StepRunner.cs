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
    private readonly TokenLossOptions loss = options.TokenLoss;

    /// <summary>Passes over the rows, and the update unless there is nothing to learn or a number is not finite.</summary>
    /// <param name="rows">The rows of the step.</param>
    /// <param name="update">Which update this is, from 1: AdamW's t, which skipped steps do not advance.</param>
    /// <param name="learningRate">Of this step.</param>
    public StepResult Run(IReadOnlyList<TrainingRow> rows, int update, double learningRate)
    {
        transformer.ZeroGradients();
        transformer.ResetStatistics();
        var targetCount = rows.Sum(row => (long)row.CountTargets());
        var gradientScale = targetCount == 0 ? 0 : 1f / targetCount;

        // A row without a target contributes 0: it need not pass.
        var trainedRows = rows.Where(row => row.CountTargets() > 0).ToList();
        var passes = RowPacking.Pack([.. trainedRows.Select(row => row.InputIds.Length)], transformer.MaxTokens, options.Packing);
        foreach (var pass in passes)
        {
            var batch = new MicroBatch([.. pass.Select(row => trainedRows[row])], loss, transformer.Configuration.EosTokenIds);
            transformer.ForwardBackward(batch, loss.Weighting, gradientScale);
        }

        var statistics = transformer.ReadStatistics();
        var tokenCount = rows.Sum(row => (long)row.InputIds.Length);
        var paddedCount = backend.PadsMicroBatches ? Math.Max(tokenCount, (long)passes.Count * transformer.MaxTokens) : tokenCount;
        var result = new StepResult(statistics, tokenCount, paddedCount, GradientNorm: null, IsSkipped: false);
        if (targetCount == 0) return result;
        if (!double.IsFinite(statistics.WeightedLossSum) || !double.IsFinite(statistics.NegativeLogLikelihoodSum)) return result with { IsSkipped = true };
        optimizer.Step(update, (float)learningRate, (float)options.MaxGradNorm);
        var norm = optimizer.ReadGradientNorm();
        return result with { GradientNorm = norm, IsSkipped = !float.IsFinite(norm) };
    }
}
