using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Training;

/// <summary>Loss and statistics over rows, forward alone.</summary>
internal static class Evaluator
{
    /// <summary>Rows packed together; best-fit packing takes quadratic time.</summary>
    private const int RowsPerChunk = 1024;

    /// <summary>Runs every row once and gives the sums over all targets.</summary>
    public static TokenLossStatistics Run(Transformer transformer, IReadOnlyList<TrainingRow> rows, TokenLossOptions loss, bool packing)
    {
        transformer.ResetStatistics();
        using var passes = new ReadAhead<PreparedPass>(Passes(transformer, rows, loss, packing), "evaluation data");
        while (passes.TryTake() is { } pass) transformer.Evaluate(pass, loss.Weighting);
        return transformer.ReadStatistics();
    }

    private static IEnumerable<PreparedPass> Passes(Transformer transformer, IReadOnlyList<TrainingRow> rows, TokenLossOptions loss, bool packing)
    {
        foreach (var chunk in rows.Chunk(RowsPerChunk))
        {
            foreach (var pass in RowPacking.Pack([.. chunk.Select(row => row.InputIds.Length)], transformer.MaxTokens, packing))
                yield return transformer.Prepare(new MicroBatch([.. pass.Select(row => chunk[row])], loss, transformer.Configuration.EosTokenIds));
        }
    }
}
