using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>How kernels/sample_token.cu draws; the layout is its own.</summary>
/// <param name="TopP">Less than 1, or all.</param>
/// <param name="TopK">Tokens; 0: all.</param>
/// <param name="MinWeight">The least weight.</param>
/// <param name="InverseTemperature">Factor on logits.</param>
/// <param name="Penalty">For earlier tokens.</param>
/// <param name="Penalizes">1: there is one.</param>
/// <param name="IsGreedy">1: the largest.</param>
/// <param name="KeepsLogProbability">1: the sum behind log p is wanted.</param>
/// <param name="SegmentLength">Tokens that are summed before others: a multiple of 128.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SamplingParameters(
    double TopP, int TopK, float MinWeight, float InverseTemperature, float Penalty, int Penalizes, int IsGreedy, int KeepsLogProbability, int SegmentLength)
{
    /// <summary>Threads of a block, of which each has a segment.</summary>
    public const int Threads = 1024;

    /// <summary>Tokens that a warp takes at once.</summary>
    private const int Sweep = 128;

    /// <summary>The options for a vocabulary.</summary>
    public static SamplingParameters Of(TokenSampling options, int vocabulary) => new(
        options.TopP, options.TopK < vocabulary ? options.TopK : 0, options.MinWeight, options.IsGreedy ? 1 : options.InverseTemperature,
        (float)options.RepetitionPenalty, options.Penalizes ? 1 : 0, options.IsGreedy ? 1 : 0, options.KeepsLogProbabilities ? 1 : 0,
        (vocabulary + (Threads * Sweep) - 1) / (Threads * Sweep) * Sweep);
}
