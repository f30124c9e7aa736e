using System.Diagnostics.CodeAnalysis;

namespace DftNative.Hub;

/// <summary>A model's name on the Hugging Face Hub: <c>ORG/NAME</c>, or a bare <c>NAME</c> as the oldest models have.</summary>
public sealed record HubName
{
    private const int MaxLength = 96;

    private HubName(string value) => Value = value;

    /// <summary>The name as the Hub writes it.</summary>
    public string Value { get; }

    /// <summary>The name of the cache's folder for it, such as <c>models--ORG--NAME</c>.</summary>
    public string FolderName => "models--" + Value.Replace("/", "--", StringComparison.Ordinal);

    /// <summary>Takes what the Hub takes as a name; anything else, a path above all, is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubName? name)
    {
        var parts = text.Split('/');
        var isName = text.Length is > 0 and <= MaxLength && parts.Length <= 2 && parts.All(IsPart)
            && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal)
            && !text.EndsWith(".git", StringComparison.Ordinal);
        name = isName ? new HubName(text) : null;
        return isName;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsPart(string part) =>
        part.Length > 0 && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.')
        && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
}
