using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Common to the readers of a <c>tokenizer.json</c>'s parts.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="name">The part, for messages.</param>
internal abstract class ComponentReader(string path, string name)
{
    /// <summary>The component's type.</summary>
    protected static string TypeOf(JsonElement component) => component.GetProperty("type").GetString() ?? "null";

    /// <summary>An error that names what is not supported.</summary>
    protected DftNativeException Unsupported(string what, Exception? cause = null)
    {
        var message = $"{path}: {name} {what} is not supported; use a tokenizer of BPE such as those of Llama, Qwen, Mistral, DeepSeek and GPT-2, or pretokenized rows";
        return cause is null ? new DftNativeException(ExitCode.InvalidInput, message) : new DftNativeException(ExitCode.InvalidInput, message, cause);
    }

    /// <summary>A <c>pattern</c>: a string or a regular expression.</summary>
    protected TextPattern ReadPattern(JsonElement component)
    {
        var pattern = component.GetProperty("pattern");
        if (pattern.FindString("String") is { } literal) return new LiteralPattern(literal);
        var source = pattern.FindString("Regex") ?? throw Unsupported($"{TypeOf(component)} with the pattern {pattern.GetRawText()}");
        try
        {
            return RegularPattern.Parse(source);
        }
        catch (FormatException error)
        {
            throw Unsupported($"{TypeOf(component)} with the pattern '{source}' ({error.Message})", error);
        }
    }

    /// <summary>A field that holds one character.</summary>
    protected char ReadCharacter(JsonElement component, string field) =>
        component.FindString(field) is { Length: 1 } text ? text[0] : throw Unsupported($"{TypeOf(component)} whose {field} is not one character");
}
