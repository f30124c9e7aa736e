namespace DftNative.Losses;

/// <summary>Which loss the tokens get; docs/losses.md has the formulas.</summary>
public enum LossType
{
    /// <summary>Cross-entropy: −log p.</summary>
    Sft,

    /// <summary>Dynamic Fine-Tuning: −sg(p)·log p (Wu et al. 2025, arXiv 2508.05629).</summary>
    Dft,

    /// <summary>−sg((1 − p)^γ)·log p: the focal loss of Lin et al. 2017 (arXiv 1708.02002) with its factor detached.</summary>
    Focal,

    /// <summary>−sg((H/3)^α)·log p, H the entropy of the k most likely tokens (arXiv 2601.02151).</summary>
    Eaft,

    /// <summary>DFT + α·KL(π_ref ‖ π_θ) with a frozen reference model (arXiv 2509.23753).</summary>
    Asft,
}
