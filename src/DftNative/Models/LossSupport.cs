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
        if (!backend.Limits.ProbabilityWeightsOnly || FindCpuOnly(loss) is not { } what) return;
        throw new DftNativeException(
            ExitCode.Usage, $"{what} runs on the CPU alone, and the device is {backend.Description}; use --device cpu, or sft, dft or focal with the weight of a token");
    }

    /// <summary>The option of a loss that no GPU computes, with its value; null: it runs everywhere.</summary>
    public static string? FindCpuOnly(TokenLossOptions loss)
    {
        var weighting = loss.Weighting;
        return weighting.IsFunctionOfProbability ? null
            : weighting.EntropyTopK > 0 ? "loss_type eaft"
            : weighting.DivergenceFactor > 0 ? "loss_type asft"
            : $"dft_granularity {(weighting.Granularity == DftGranularity.Sentence ? "sentence" : "geometric")}";
    }
}
