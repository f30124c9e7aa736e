using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Evaluation.Analysis;

/// <summary>Runs a model forward over rows and keeps log p and entropy of every target.</summary>
public static class TargetScorer
{
    /// <summary>Rows packed together; best-fit packing takes quadratic time.</summary>
    private const int RowsPerChunk = 1024;

    /// <summary>Loads the model, scores every row once, and lets go of the device's memory.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="model">The model; not owned.</param>
    /// <param name="rows">Of ids that the model has.</param>
    /// <param name="options">max_length, packing, micro_batch_tokens and loss_chunk_rows; the rest is not read.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    /// <exception cref="DftNativeException">The rows do not fit the model, or the model not the device.</exception>
    public static ScoredTargets Run(
        IBackend backend, ModelDirectory model, IReadOnlyList<TrainingRow> rows, TrainingOptions options, CancellationToken cancellation = default)
    {
        ModelSupport.Require(backend, model.Configuration);
        rows = CheckedRows.Create(rows, model.Configuration.VocabularySize, model.Configuration.MaxPositionEmbeddings, options.MaxLength, "data").Rows;
        var tokens = MicroBatchPlanner.Choose(options.MicroBatchTokens, options.Packing, rows.Count, rows);
        using var transformer = new Transformer(
            backend, model.Configuration,
            new TransformerOptions(tokens) { Scoring = true, LossChunkRows = options.LossChunkRows ?? TransformerOptions.DefaultLossChunkRows });
        model.Load(backend, transformer.Layout, transformer.Parameters);
        return Score(transformer, rows, options.Packing, cancellation);
    }

    private static ScoredTargets Score(Transformer transformer, IReadOnlyList<TrainingRow> rows, bool packing, CancellationToken cancellation)
    {
        var starts = StartsOf(rows);
        var (logProbabilities, entropies) = (new float[starts[^1]], new float[starts[^1]]);
        var (passLogProbabilities, passEntropies) = (new float[transformer.MaxTokens], new float[transformer.MaxTokens]);
        transformer.ResetStatistics();
        for (var first = 0; first < rows.Count; first += RowsPerChunk)
        {
            var lengths = rows.Skip(first).Take(RowsPerChunk).Select(row => row.InputIds.Length).ToArray();
            foreach (var pass in RowPacking.Pack(lengths, transformer.MaxTokens, packing))
            {
                cancellation.ThrowIfCancellationRequested();
                var batch = new MicroBatch([.. pass.Select(row => rows[first + row])], new TokenLossOptions { LossType = LossType.Sft }, transformer.Configuration.EosTokenIds);
                if (batch.TargetCount == 0) continue;
                transformer.Evaluate(batch, TokenWeighting.Sft);
                transformer.ReadLogProbabilities(passLogProbabilities.AsSpan(0, batch.TargetCount));
                transformer.ReadEntropies(passEntropies.AsSpan(0, batch.TargetCount));
                var start = 0;
                foreach (var row in pass)
                {
                    var (target, count) = (starts[first + row], starts[first + row + 1] - starts[first + row]);
                    passLogProbabilities.AsSpan(start, count).CopyTo(logProbabilities.AsSpan(target));
                    passEntropies.AsSpan(start, count).CopyTo(entropies.AsSpan(target));
                    start += count;
                }
            }
        }

        return new ScoredTargets(logProbabilities, entropies, transformer.ReadStatistics());
    }

    /// <summary>[rows + 1] where each row's targets begin among all.</summary>
    internal static int[] StartsOf(IReadOnlyList<TrainingRow> rows)
    {
        var starts = new int[rows.Count + 1];
        for (var row = 0; row < rows.Count; row++) starts[row + 1] = starts[row] + rows[row].CountTargets();
        return starts;
    }
}
