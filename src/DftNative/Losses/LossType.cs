namespace DftNative.Losses;

/// <summary>Which loss the tokens get; METHOD.md's table in words.</summary>
public enum LossType
{
    /// <summary>Cross-entropy: −log p.</summary>
    Sft,

    /// <summary>Dynamic Fine-Tuning: −sg(p)·log p (Wu et al. 2025, arXiv 2508.05629).</summary>
    Dft,
}
