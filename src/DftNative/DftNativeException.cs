namespace DftNative;

/// <summary>An error for the user: the message is one line that says what, where and how to mend it.</summary>
public class DftNativeException : Exception
{
    /// <summary>Makes an error that ends a command with <paramref name="exitCode"/>.</summary>
    public DftNativeException(ExitCode exitCode, string message, Exception? innerException = null)
        : base(message, innerException) => ExitCode = exitCode;

    /// <summary>The exit status of a command that this error ends.</summary>
    public ExitCode ExitCode { get; }
}
