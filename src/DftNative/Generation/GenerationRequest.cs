namespace DftNative.Generation;

/// <summary>A sequence to be sampled.</summary>
/// <param name="Prompt">Token ids, at least one.</param>
/// <param name="Stream">With the run's seed and a token's position it decides every draw: what is sampled does not depend on the sequences beside it.</param>
public readonly record struct GenerationRequest(int[] Prompt, ulong Stream)
{
    /// <summary>The stream of one of several samples of a prompt.</summary>
    /// <param name="prompt">The prompt's number.</param>
    /// <param name="sample">The sample's number.</param>
    public static ulong StreamOf(int prompt, int sample) => ((ulong)(uint)sample << 32) | (uint)prompt;
}
