namespace DftNative.Hub;

/// <summary>A request failed in a way that may pass: it is tried again.</summary>
/// <param name="message">What happened.</param>
/// <param name="retryAfter">How long the server asks to wait; null: it does not say.</param>
/// <param name="innerException">The cause.</param>
internal sealed class TransientHubException(string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>How long the server asks to wait; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
