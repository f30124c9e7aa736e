namespace DftNative.Experiments;

/// <summary>A task of the embedded model.</summary>
public enum DemoTaskKind
{
    /// <summary>Additions worked digit by digit, with mistakes in the demonstrations.</summary>
    Addition,

    /// <summary>Random pairs to learn by heart.</summary>
    Recall,
}
