namespace DftNative.Cuda;

/// <summary>
/// Whether every piece of device work is waited for, so that a fault is reported by the call that queued it. Slow: for
/// finding a fault.
/// </summary>
internal static class SynchronousMode
{
    /// <summary>The environment variable that switches it on.</summary>
    public const string Variable = "DFTNATIVE_SYNC";

    /// <summary>Read once; the compiler then leaves the check out where it is off.</summary>
    public static readonly bool IsOn = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value && value != "0";
}
