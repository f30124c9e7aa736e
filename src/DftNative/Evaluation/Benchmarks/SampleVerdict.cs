namespace DftNative.Evaluation.Benchmarks;

/// <summary>What became of a sample's answer.</summary>
public enum SampleVerdict
{
    /// <summary>It is the reference's.</summary>
    Right,

    /// <summary>It is another.</summary>
    Wrong,

    /// <summary>It is no mathematics that could be read, and not the reference's text; counts as wrong.</summary>
    Unparsed,

    /// <summary>The sample has none; counts as wrong.</summary>
    NoAnswer,
}
