using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Evaluation.Analysis;

/// <summary>What several models say of the same targets; the first is the base that the others are compared with.</summary>
public sealed class TokenAnalysis
{
    private readonly int[] starts;

    /// <summary>An analysis of models that scored the same rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tokenizer">For their text; null: ids stand for tokens.</param>
    /// <param name="models">At least one; each has a score for every target of the rows.</param>
    public TokenAnalysis(IReadOnlyList<TrainingRow> rows, Tokenizer? tokenizer, IReadOnlyList<AnalyzedModel> models)
    {
        starts = TargetScorer.StartsOf(rows);
        if (models.Count == 0 || models.Any(model => model.Targets.LogProbabilities.Length != starts[^1]))
            throw new ArgumentException($"Every model must have scored the {starts[^1]} targets.", nameof(models));
        (Rows, Tokenizer, Models) = (rows, tokenizer, models);
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<TrainingRow> Rows { get; }

    /// <summary>For their text; null: ids stand for tokens.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>The base model, then the others.</summary>
    public IReadOnlyList<AnalyzedModel> Models { get; }

    /// <summary>What the others are compared with.</summary>
    public AnalyzedModel Base => Models[0];

    /// <summary>Targets of all rows.</summary>
    public int TargetCount => starts[^1];

    /// <summary>The tokens that a model moved most.</summary>
    /// <param name="model">Any but the base.</param>
    /// <param name="count">The most of each list.</param>
    public TokenMoves FindMoves(AnalyzedModel model, int count)
    {
        var (up, down) = (new LargestMoves(count), new LargestMoves(count));
        var types = new Dictionary<int, (int Count, double Before, double After)>();
        int risen = 0, fallen = 0;
        for (var row = 0; row < Rows.Count; row++)
        {
            foreach (var (position, target) in TargetsOf(row))
            {
                var move = new TokenMove(row, position, Rows[row].Labels[position], Base.Targets.Probability(target), model.Targets.Probability(target));
                up.Add(move, move.Change);
                down.Add(move, -move.Change);
                if (move.Change > TokenMoves.Threshold) risen++;
                if (move.Change < -TokenMoves.Threshold) fallen++;
                var type = types.GetValueOrDefault(move.TokenId);
                types[move.TokenId] = (type.Count + 1, type.Before + move.BaseProbability, type.After + move.Probability);
            }
        }

        var moves = types.Select(type => new TokenTypeMove(type.Key, type.Value.Count, type.Value.Before / type.Value.Count, type.Value.After / type.Value.Count)).ToList();
        return new TokenMoves(
            up.Descending(), down.Descending(),
            [.. moves.Where(move => move.TotalChange > 0).OrderByDescending(move => move.TotalChange).ThenBy(move => move.TokenId).Take(count)],
            [.. moves.Where(move => move.TotalChange < 0).OrderBy(move => move.TotalChange).ThenBy(move => move.TokenId).Take(count)],
            TargetCount == 0 ? 0 : (double)risen / TargetCount, TargetCount == 0 ? 0 : (double)fallen / TargetCount);
    }

    /// <summary>The row of the target that any model moved most; the first row where there is nothing to compare.</summary>
    public int FindMostMovedRow()
    {
        var (found, largest) = (0, 0.0);
        for (var row = 0; row < Rows.Count; row++)
        {
            foreach (var (_, target) in TargetsOf(row))
            {
                foreach (var model in Models)
                {
                    var change = Math.Abs(model.Targets.Probability(target) - Base.Targets.Probability(target));
                    if (change > largest) (found, largest) = (row, change);
                }
            }
        }

        return found;
    }

    /// <summary>The targets of a row: their places in it, and in the models' scores.</summary>
    public IEnumerable<(int Position, int Target)> TargetsOf(int row)
    {
        var (labels, target) = (Rows[row].Labels, starts[row]);
        for (var position = 1; position < labels.Length; position++)
            if (labels[position] != TrainingRow.IgnoredLabel) yield return (position, target++);
    }

    /// <summary>A token's text, on one line.</summary>
    public string Show(int tokenId) => TokenText.Show(Tokenizer, tokenId);

    /// <summary>The last tokens of a row before a place, on one line.</summary>
    public string ShowContext(int row, int position, int tokenCount)
    {
        var ids = Rows[row].InputIds[Math.Max(0, position - tokenCount)..position];
        return string.Join(Tokenizer is null ? " " : "", ids.Select(Show));
    }
}
