using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Generation;

/// <summary>Sequences that a model samples between the steps of its training, in passes that the training has chosen.</summary>
/// <param name="LongestPrompt">Tokens of the longest prompt.</param>
/// <param name="MaxNewTokens">The most tokens that are added.</param>
/// <param name="SequenceCount">How many sequences are sampled in all.</param>
public sealed record GenerationDemand(int LongestPrompt, int MaxNewTokens, long SequenceCount)
{
    /// <summary>The plan within passes of so many tokens, half of which are for prompts.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="computeType">The element type of the cache.</param>
    /// <param name="passTokens">The most tokens of a pass.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: more sequences than can be counted.</exception>
    public GenerationPlan Plan(ModelConfiguration configuration, DataType computeType, int passTokens)
    {
        var plan = GenerationPlan.Choose(configuration, computeType, LongestPrompt, MaxNewTokens, SequenceCount, slots: null, countOption: "eval_generate_samples");
        return plan with { Slots = Math.Clamp(plan.Slots, 1, Math.Max(1, passTokens / 2)), MaxTokens = passTokens };
    }
}
