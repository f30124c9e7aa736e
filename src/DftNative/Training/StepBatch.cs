using DftNative.Data;
using DftNative.Models;

namespace DftNative.Training;

/// <summary>The rows of an optimizer step packed into passes: everything that the host prepares, so that the step itself allocates nothing.</summary>
internal sealed class StepBatch
{
    /// <summary>Packs rows.</summary>
    /// <param name="rows">The rows of the step.</param>
    /// <param name="transformer">For which the passes are prepared.</param>
    /// <param name="options">Resolved options of the run.</param>
    public StepBatch(IReadOnlyList<TrainingRow> rows, Transformer transformer, TrainingOptions options)
    {
        TokenCount = rows.Sum(row => (long)row.InputIds.Length);
        TargetCount = rows.Sum(row => (long)row.CountTargets());

        // A row without a target contributes 0: it need not pass.
        var trainedRows = rows.Where(row => row.CountTargets() > 0).ToList();
        var loss = options.TokenLoss;
        var configuration = transformer.Configuration;
        var passes = RowPacking.Pack([.. trainedRows.Select(row => row.InputIds.Length)], transformer.MaxTokens, options.Packing);
        MicroBatch[] batches = [.. passes.Select(pass => new MicroBatch([.. pass.Select(row => trainedRows[row])], loss, configuration.EosTokenIds))];
        Passes = Array.ConvertAll(batches, transformer.Prepare);
        Flops = ModelFlops.OfTraining(configuration, batches);
    }

    /// <summary>Tokens of all rows.</summary>
    public long TokenCount { get; }

    /// <summary>Trained targets of all rows.</summary>
    public long TargetCount { get; }

    /// <summary>The passes, in their order.</summary>
    public PreparedPass[] Passes { get; }

    /// <summary>Floating-point operations that the model asks for, see <see cref="ModelFlops"/>.</summary>
    public double Flops { get; }
}
