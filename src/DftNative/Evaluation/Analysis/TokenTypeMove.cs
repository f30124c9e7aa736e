namespace DftNative.Evaluation.Analysis;

/// <summary>How a model moved the p of all targets that are one token, against the base model.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Count">How often it is a target.</param>
/// <param name="BaseProbability">Its mean p before.</param>
/// <param name="Probability">Its mean p after.</param>
public readonly record struct TokenTypeMove(int TokenId, int Count, double BaseProbability, double Probability)
{
    /// <summary>Over all its occurrences: what it adds to the sum of p.</summary>
    public double TotalChange => Count * (Probability - BaseProbability);
}
