namespace DftNative.ChatTemplates.Jinja;

/// <summary>What a name, attribute or item that is not there evaluates to: prints as nothing, is false, and any other use is an error.</summary>
/// <param name="message">What is said when it is used, such as <c>'x' is undefined</c>.</param>
internal sealed class JinjaUndefined(string message)
{
    /// <summary>The error of using it.</summary>
    public JinjaValueException Error() => new(message);
}
