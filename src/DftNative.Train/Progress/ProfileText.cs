using System.Globalization;
using DftNative.Training;

namespace DftNative.Train.Progress;

/// <summary>Where the time of a run's steps went, as lines.</summary>
internal static class ProfileText
{
    /// <summary>A head line, then a line a part, the longest first.</summary>
    public static string Format(StepProfile profile, int stepCount)
    {
        var total = profile.Total;
        var lines = profile.Parts.OrderByDescending(part => part.Milliseconds).Select(part => string.Create(
            CultureInfo.InvariantCulture, $"  {part.Name.Replace('_', ' '),-16}{part.Milliseconds,10:0.00} ms{part.Milliseconds / total,8:0.0%}"));
        var steps = stepCount == 1 ? "1 step" : $"{stepCount} steps";
        return string.Join('\n', lines.Prepend(string.Create(CultureInfo.InvariantCulture, $"profile: {total:0.00} ms a step (mean of {steps} after the first)")));
    }
}
