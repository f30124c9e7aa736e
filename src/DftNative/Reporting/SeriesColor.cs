namespace DftNative.Reporting;

/// <summary>
/// A colour with a role rather than a value: the style sheet gives each a shade for light, dark and print. Told apart
/// with the usual colour blindnesses, and by dashes and labels without any colour.
/// </summary>
public enum SeriesColor
{
    /// <summary>Grey: what the others are compared to.</summary>
    Neutral,

    /// <summary>Orange.</summary>
    Warm,

    /// <summary>Blue.</summary>
    Cool,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Gold.</summary>
    Gold,
}
