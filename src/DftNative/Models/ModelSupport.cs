using DftNative.Backends;

namespace DftNative.Models;

/// <summary>Whether a device can compute with a model's shapes.</summary>
public static class ModelSupport
{
    /// <summary>Checks a model before anything of it is loaded.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: names the field of config.json that does not fit.</exception>
    public static void Require(IBackend backend, ModelConfiguration configuration)
    {
        var limits = backend.Limits;
        Require("hidden_size", configuration.HiddenSize, limits.ColumnMultiple, limits.LargestHiddenSize, backend);
        Require("intermediate_size", configuration.IntermediateSize, limits.ColumnMultiple, int.MaxValue, backend);
        Require("head_dim", configuration.HeadDimension, limits.ColumnMultiple, limits.LargestHeadDimension, backend);
    }

    private static void Require(string field, int value, int multiple, int largest, IBackend backend)
    {
        if (value % multiple == 0 && value <= largest) return;
        var upTo = largest == int.MaxValue ? "" : $" up to {largest}";
        throw new DftNativeException(
            ExitCode.Usage, $"the model's {field} is {value}, and {backend.Description} takes multiples of {multiple}{upTo}; use --device cpu for this model");
    }
}
