namespace DftNative.Losses;

/// <summary>Whose probability p is in DFT's weight; the paper's ablation (Wu et al. 2025, arXiv 2508.05629).</summary>
public enum DftGranularity
{
    /// <summary>The target's own: DFT.</summary>
    Token,

    /// <summary>The product of p over all trained targets of the row: the probability of its response.</summary>
    Sentence,

    /// <summary>The geometric mean of p over all trained targets of the row.</summary>
    Geometric,
}
