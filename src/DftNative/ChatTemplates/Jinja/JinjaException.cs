namespace DftNative.ChatTemplates.Jinja;

/// <summary>A fault of a chat template, or a conversation that the template refuses.</summary>
/// <param name="message">What is wrong, with its place.</param>
/// <param name="line">The line of the template, from 1.</param>
/// <param name="column">The UTF-16 column in that line, from 1.</param>
/// <param name="innerException">What it comes from.</param>
public sealed class JinjaException(string message, int line, int column, Exception? innerException = null)
    : DftNativeException(ExitCode.InvalidInput, message, innerException)
{
    /// <summary>The line of the template, from 1.</summary>
    public int Line => line;

    /// <summary>The UTF-16 column in that line, from 1.</summary>
    public int Column => column;
}
