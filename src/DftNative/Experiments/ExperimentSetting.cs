using System.Globalization;

namespace DftNative.Experiments;

/// <summary>What a model of a comparison is trained with: runs of one setting differ in their seed alone.</summary>
/// <param name="Loss">Its loss.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="BatchSize">Rows of an optimizer step.</param>
public sealed record ExperimentSetting(LossVariant Loss, double LearningRate, int BatchSize)
{
    /// <summary>The learning rate as it is written.</summary>
    public string LearningRateText => LearningRate.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    /// <summary>For people: <c>dft, learning rate 0.0005, batch 32</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Loss.Name}, learning rate {LearningRateText}, batch {BatchSize}");
}
