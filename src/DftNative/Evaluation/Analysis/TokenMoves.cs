namespace DftNative.Evaluation.Analysis;

/// <summary>The tokens that a model moved most, against the base model.</summary>
/// <param name="Up">The targets whose p rose most, largest first.</param>
/// <param name="Down">Those whose p fell most.</param>
/// <param name="TypesUp">The tokens whose p rose most in sum over their occurrences.</param>
/// <param name="TypesDown">Those whose p fell most in sum.</param>
/// <param name="ShareUp">The share of targets whose p rose by more than <see cref="Threshold"/>.</param>
/// <param name="ShareDown">Those whose p fell by more.</param>
public sealed record TokenMoves(
    IReadOnlyList<TokenMove> Up, IReadOnlyList<TokenMove> Down, IReadOnlyList<TokenTypeMove> TypesUp, IReadOnlyList<TokenTypeMove> TypesDown,
    double ShareUp, double ShareDown)
{
    /// <summary>A change of p that counts as one.</summary>
    public const double Threshold = 0.1;
}
