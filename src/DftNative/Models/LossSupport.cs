using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

/// <summary>Whether a device can compute a loss.</summary>
public static class LossSupport
{
    /// <summary>Checks a loss before anything is loaded.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: names what the device does not have, and the one that does.</exception>
    public static void Require(IBackend backend, TokenLossOptions loss)
    {
        var weighting = loss.Weighting;
        if (weighting.IsFunctionOfProbability || !backend.Limits.ProbabilityWeightsOnly) return;
        var what = weighting.EntropyTopK > 0 ? "loss_type eaft"
            : weighting.DivergenceFactor > 0 ? "loss_type asft"
            : $"dft_granularity {(weighting.Granularity == DftGranularity.Sentence ? "sentence" : "geometric")}";
        throw new DftNativeException(
            ExitCode.Usage, $"{what} runs on the CPU alone, and the device is {backend.Description}; use --device cpu, or sft, dft or focal with the weight of a token");
    }
}
