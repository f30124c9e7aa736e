namespace DftNative.Backends;

/// <summary>
/// A frozen model's view of a loss head's N targets: adds <c>Factor·tokenWeight·KL(π_ref ‖ π_θ)</c>, over the whole
/// vocabulary, to each target's loss. Its gradient goes to π_θ alone.
/// </summary>
/// <param name="Hidden">[N, reference hidden] compute type: the frozen model's final hidden states of the same rows.</param>
/// <param name="Weight">[vocabulary, reference hidden] compute type: its LM head, of the same vocabulary.</param>
/// <param name="TokenWeights">[N] fp32: the data's factor on each token's loss.</param>
/// <param name="Factor">α.</param>
public readonly record struct ReferenceHead(Matrix Hidden, Matrix Weight, Vector TokenWeights, float Factor)
{
    /// <summary>Whether this is <c>default</c>: nothing is added.</summary>
    public bool IsEmpty => Hidden.IsEmpty;
}
