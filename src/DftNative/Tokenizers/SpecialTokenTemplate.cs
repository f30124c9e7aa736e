namespace DftNative.Tokenizers;

/// <summary>The ids put around a text when special tokens are asked for.</summary>
/// <param name="Prefix">Before it.</param>
/// <param name="Suffix">Behind it.</param>
internal sealed record SpecialTokenTemplate(int[] Prefix, int[] Suffix)
{
    /// <summary>Nothing.</summary>
    public static SpecialTokenTemplate None { get; } = new([], []);
}
