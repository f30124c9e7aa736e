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

    /// <summary>Why a model of so many tokens cannot read a prompt, or null: a token that it has no embedding of.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="vocabularySize">The model's.</param>
    internal static string? FindUnknownToken(int[] prompt, int vocabularySize)
    {
        var place = prompt.AsSpan().IndexOfAnyExceptInRange(0, vocabularySize - 1);
        return place < 0 ? null : $"has token {prompt[place]}, and the model's are 0 to {vocabularySize - 1}: its tokenizer is another model's, or has tokens that were added";
    }
}
