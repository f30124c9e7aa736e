namespace DftNative.Data;

/// <summary>A tokenised example. Labels are aligned with the ids: the shift by one happens inside the model.</summary>
/// <param name="InputIds">[length] token ids.</param>
/// <param name="Labels">[length]: the id to be learnt at this place, or <see cref="IgnoredLabel"/>. The first is never a target.</param>
/// <param name="TokenWeights">[length] static factor on each label's loss; null: all 1.</param>
public sealed record TrainingRow(int[] InputIds, int[] Labels, float[]? TokenWeights = null)
{
    /// <summary>The label of a token that is not trained.</summary>
    public const int IgnoredLabel = -100;

    /// <summary>Trained targets: labels from the second on that are not ignored.</summary>
    public int CountTargets()
    {
        var count = 0;
        for (var i = 1; i < Labels.Length; i++)
            if (Labels[i] != IgnoredLabel) count++;
        return count;
    }
}
