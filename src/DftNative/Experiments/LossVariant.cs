using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>A loss of a comparison: its name there and the options that make it.</summary>
/// <param name="Name">Unique; part of file names: letters, digits, point, minus and underscore.</param>
/// <param name="Options">Options of <see cref="OptionCatalog"/>, loss_type among them.</param>
public sealed record LossVariant(string Name, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>The options that a loss may set.</summary>
    public static IReadOnlyList<string> OptionNames { get; } =
    [
        "loss_type", "dft_exponent", "dft_min_weight", "dft_granularity", "focal_gamma", "eaft_alpha", "eaft_top_k", "asft_alpha", "reference_model", "eos_weight",
    ];

    /// <summary>Whether a name can be a loss's.</summary>
    public static bool IsName(string name) => name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Sets the options.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a value, or an option that the loss does not read.</exception>
    public void Apply(TrainingOptions options)
    {
        foreach (var (name, value) in Options) OptionCatalog.Set(options, name, value);
    }

    /// <summary>Whether both are one loss by one name.</summary>
    public bool Equals(LossVariant? other) =>
        other is not null && Name == other.Name && Options.Count == other.Options.Count
        && Options.All(option => other.Options.TryGetValue(option.Key, out var value) && value == option.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
