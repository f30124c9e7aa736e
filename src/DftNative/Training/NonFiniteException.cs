namespace DftNative.Training;

/// <summary>Training ended because its numbers were not finite.</summary>
/// <param name="reason">Which, and when.</param>
/// <param name="advice">How the run could go on.</param>
public sealed class NonFiniteException(string reason, string advice) : DftNativeException(ExitCode.NonFinite, $"{reason}; {advice}")
{
    /// <summary>Which numbers, and when: without advice, for who has others.</summary>
    public string Reason { get; } = reason;
}
