using DftNative.Losses;

namespace DftNative.Training;

/// <summary>Refuses loss options that the run's loss does not have: what someone set and nothing reads is a mistake of theirs or ours.</summary>
internal static class LossOptionCheck
{
    /// <summary>The losses that read an option; one that is not here every loss reads.</summary>
    private static readonly Dictionary<string, LossType[]> Readers = new(StringComparer.Ordinal)
    {
        ["dft_exponent"] = [LossType.Dft, LossType.Asft],
        ["dft_min_weight"] = [LossType.Dft, LossType.Asft],
        ["dft_granularity"] = [LossType.Dft, LossType.Asft],
        ["focal_gamma"] = [LossType.Focal],
        ["eaft_alpha"] = [LossType.Eaft],
        ["eaft_top_k"] = [LossType.Eaft],
        ["asft_alpha"] = [LossType.Asft],
        ["reference_model"] = [LossType.Asft],
    };

    /// <summary>Checks that each option is at its default where the loss does not read it.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: names the option and the losses that have it.</exception>
    public static void Verify(TrainingOptions options)
    {
        var defaults = new TrainingOptions();
        var lossType = OptionCatalog.Find("loss_type");
        foreach (var (name, readers) in Readers)
        {
            var option = OptionCatalog.Find(name);
            if (readers.Contains(options.LossType) || option.GetText(options) == option.GetText(defaults)) continue;
            var owners = string.Join(" and ", readers.Select(reader => lossType.GetText(new TrainingOptions { LossType = reader })));
            throw new DftNativeException(
                ExitCode.Usage,
                $"{name} {option.GetText(options)} has no effect with loss_type {lossType.GetText(options)}: it is an option of {owners}; leave it out or change loss_type");
        }
    }
}
