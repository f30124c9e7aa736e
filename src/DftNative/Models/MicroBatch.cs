using DftNative.Data;
using DftNative.Losses;

namespace DftNative.Models;

/// <summary>
/// Rows packed one after another into one pass through the model, as host arrays. Each row is a document: positions
/// begin at 0 and attention does not leave it. The shift is done here: the target of row t of the pass is the label at t + 1.
/// </summary>
public sealed class MicroBatch
{
    /// <summary>Packs <paramref name="rows"/> in their order.</summary>
    /// <param name="rows">The documents; none empty.</param>
    /// <param name="loss">Decides static weights.</param>
    /// <param name="eosTokenIds">config.json's eos_token_id: with the tokenizer's, the targets that <see cref="TokenLossOptions.EosWeight"/> is about.</param>
    public MicroBatch(IReadOnlyList<TrainingRow> rows, TokenLossOptions loss, IReadOnlyList<int> eosTokenIds)
    {
        TokenCount = rows.Sum(row => row.InputIds.Length);
        Tokens = new int[TokenCount];
        Positions = new int[TokenCount];
        DocumentStarts = new int[rows.Count + 1];
        var targetCount = rows.Sum(row => row.CountTargets());
        (TargetRows, Targets, IsStatic) = (new int[targetCount], new int[targetCount], new int[targetCount]);
        (TokenWeights, StaticWeights) = (new float[targetCount], new float[targetCount]);
        int start = 0, target = 0;
        for (var document = 0; document < rows.Count; document++)
        {
            var row = rows[document];
            ArgumentOutOfRangeException.ThrowIfZero(row.InputIds.Length, nameof(rows));
            row.InputIds.CopyTo(Tokens, start);
            for (var i = 0; i < row.InputIds.Length; i++)
            {
                Positions[start + i] = i;
                if (i == 0 || row.Labels[i] == TrainingRow.IgnoredLabel) continue;
                var isWeightedEos = loss.EosWeight is not null && (eosTokenIds.Contains(row.Labels[i]) || loss.TokenizerEosTokenIds.Contains(row.Labels[i]));
                TargetRows[target] = start + i - 1;
                Targets[target] = row.Labels[i];
                TokenWeights[target] = row.TokenWeights?[i] ?? 1;
                StaticWeights[target] = TokenWeights[target] * (isWeightedEos ? loss.EosWeight!.Value : 1);
                IsStatic[target] = isWeightedEos ? 1 : 0;
                target++;
            }

            start += row.InputIds.Length;
            DocumentStarts[document + 1] = start;
        }

        TokenRows = new TokenRows(Tokens);
    }

    /// <summary>Tokens of all documents, T.</summary>
    public int TokenCount { get; }

    /// <summary>Trained targets, N.</summary>
    public int TargetCount => Targets.Length;

    /// <summary>[T] token ids.</summary>
    public int[] Tokens { get; }

    /// <summary>[T] positions within the document.</summary>
    public int[] Positions { get; }

    /// <summary>The rows of each distinct token, which the embedding's backward takes.</summary>
    public TokenRows TokenRows { get; }

    /// <summary>[documents + 1] where each document begins (cu_seqlens).</summary>
    public int[] DocumentStarts { get; }

    /// <summary>[N] rows of the pass that predict a target, ascending.</summary>
    public int[] TargetRows { get; }

    /// <summary>[N] target token ids.</summary>
    public int[] Targets { get; }

    /// <summary>[N] the data's factors on the targets' losses.</summary>
    public float[] TokenWeights { get; }

    /// <summary>[N] the same, times eos_weight where it holds: the static part of w.</summary>
    public float[] StaticWeights { get; }

    /// <summary>[N] 1 where the static factor is the whole weight.</summary>
    public int[] IsStatic { get; }
}
