namespace DftNative.Evaluation.Analysis;

/// <summary>How a model moved the p of one target, against the base model.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="Position">The target's place in the row, from 0.</param>
/// <param name="TokenId">The target.</param>
/// <param name="BaseProbability">Its p before.</param>
/// <param name="Probability">Its p after.</param>
public readonly record struct TokenMove(int Row, int Position, int TokenId, double BaseProbability, double Probability)
{
    /// <summary>Positive where the token became likelier.</summary>
    public double Change => Probability - BaseProbability;
}
