namespace DftNative.Reporting;

/// <summary>How far a training run came, as its directory tells.</summary>
public enum RunState
{
    /// <summary>All its steps are done, and the result is there if it was wanted.</summary>
    Complete,

    /// <summary>It is under way, was interrupted, or was killed.</summary>
    Unfinished,

    /// <summary>It ended because losses or gradients were not finite.</summary>
    NotFinite,
}
