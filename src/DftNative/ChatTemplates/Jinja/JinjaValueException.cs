namespace DftNative.ChatTemplates.Jinja;

/// <summary>What is wrong with an operation; the innermost node that is evaluated adds its place in the template.</summary>
internal sealed class JinjaValueException(string message) : Exception(message);
