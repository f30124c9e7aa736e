namespace DftNative.Tokenizers;

/// <summary>Changes text before it is cut into words.</summary>
internal abstract class TextNormalizer
{
    /// <summary>The changed text; the same string where nothing changes.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public abstract string Normalize(string text);
}
