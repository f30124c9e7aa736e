using System.Globalization;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>A time of day such as <c>3:30</c>, <c>3:30 PM</c> or <c>3 PM</c>.</summary>
/// <param name="Hour">As written, 0 to 23.</param>
/// <param name="Minute">0 to 59.</param>
/// <param name="Half">a or p where it says which half of the day; otherwise null.</param>
internal readonly record struct ClockTime(int Hour, int Minute, char? Half)
{
    /// <summary>Reads a time.</summary>
    /// <returns>Null if the answer is none.</returns>
    public static ClockTime? Parse(string answer)
    {
        if (!answer.Contains(':', StringComparison.Ordinal) && answer.AsSpan().IndexOfAny("mM") < 0) return null;
        var text = AnswerText.Strip(answer).Replace(".", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal).ToLowerInvariant();
        char? half = text.EndsWith("am", StringComparison.Ordinal) ? 'a' : text.EndsWith("pm", StringComparison.Ordinal) ? 'p' : null;
        if (half is not null) text = text[..^2];
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && half is not null) (colon, text) = (text.Length, text + ":00");
        if (colon is < 1 or > 2 || text.Length != colon + 3) return null;
        return int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minute) && hour < 24 && minute < 60
            ? new ClockTime(hour, minute, half)
            : null;
    }

    /// <summary>Whether both can be the same time: 3:30 is 3:30 PM where the problem says which half of the day.</summary>
    public bool IsSame(ClockTime other)
    {
        if (Minute != other.Minute) return false;
        if (HourOfDay == other.HourOfDay && Half is null == other.Half is null) return true;
        if (Half is null == other.Half is null) return false;
        return Hour == other.Hour || HourOfDay == other.HourOfDay;
    }

    private int HourOfDay => Half switch
    {
        'a' => Hour % 12,
        'p' => Hour % 12 + 12,
        _ => Hour,
    };
}
