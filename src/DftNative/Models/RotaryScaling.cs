namespace DftNative.Models;

/// <summary>How RoPE's frequencies are stretched beyond the length of pretraining.</summary>
public abstract record RotaryScaling
{
    private RotaryScaling() { }

    /// <summary>Not at all.</summary>
    public sealed record Default : RotaryScaling;

    /// <summary>Every frequency divided by <paramref name="Factor"/>.</summary>
    public sealed record Linear(double Factor) : RotaryScaling;

    /// <summary>
    /// Llama 3.1's: wavelengths above original/low are divided by the factor, those below original/high are kept, and
    /// those between are blended.
    /// </summary>
    /// <param name="Factor">The stretch of long wavelengths.</param>
    /// <param name="LowFrequencyFactor">Wavelengths longer than original/this are stretched wholly.</param>
    /// <param name="HighFrequencyFactor">Wavelengths shorter than original/this are kept.</param>
    /// <param name="OriginalMaxPositionEmbeddings">The length of pretraining.</param>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositionEmbeddings) : RotaryScaling;
}
