using System.Globalization;

namespace DftNative.Experiments;

/// <summary>A run of a comparison.</summary>
/// <param name="Setting">What it is trained with.</param>
/// <param name="Seed">Decides its data, their order, its problems and its sampling: runs of one seed can be compared pairwise.</param>
public sealed record ExperimentCell(ExperimentSetting Setting, long Seed)
{
    /// <summary>The name of its directory: <c>dft-lr0.0005-b32-s1</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Setting.Loss.Name}-lr{Setting.LearningRateText}-b{Setting.BatchSize}-s{Seed}");

    /// <summary>For people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Setting}, seed {Seed}");
}
