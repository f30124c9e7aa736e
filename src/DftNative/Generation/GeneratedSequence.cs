namespace DftNative.Generation;

/// <summary>What was sampled for one prompt.</summary>
/// <param name="Tokens">The new tokens, the one that ended the sequence included.</param>
/// <param name="Stopped">Whether a stop token ended it, and not a limit.</param>
public sealed record GeneratedSequence(int[] Tokens, bool Stopped);
