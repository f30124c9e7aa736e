using System.Globalization;

namespace DftNative.Training;

/// <summary>A data file and how often its rows are used.</summary>
/// <param name="Path">The file.</param>
/// <param name="Weight">How often an epoch has each row: 1 once, 2 twice, 0.5 half of them, 1.5 all of them and half of them again.</param>
public sealed record DataFile(string Path, double Weight)
{
    private const double MaxWeight = 1000;

    /// <summary>Reads <c>FILE</c> or <c>FILE:WEIGHT</c>; a file that is there by the whole name is meant as it is.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the weight is out of range.</exception>
    public static DataFile Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || File.Exists(text)) return new DataFile(text, 1);
        if (!double.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)) return new DataFile(text, 1);
        if (weight is > 0 and <= MaxWeight) return new DataFile(text[..colon], weight);
        throw new DftNativeException(ExitCode.Usage, $"data: the weight in '{text}' is out of range; it takes a number above 0 and at most {MaxWeight}");
    }
}
