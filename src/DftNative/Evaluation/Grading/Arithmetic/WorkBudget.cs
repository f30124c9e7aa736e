namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>Bounds the time of one comparison, whatever the answers are.</summary>
internal sealed class WorkBudget
{
    // An operation on numbers of a word or two is one unit: some tens of nanoseconds.
    private long remaining = 400_000;

    /// <summary>Pays for work.</summary>
    /// <exception cref="WorkExhaustedException">There is not enough left.</exception>
    public void Spend(long units)
    {
        remaining -= units;
        if (remaining < 0) throw new WorkExhaustedException();
    }

    /// <summary>Pays for an operation on long integers.</summary>
    /// <param name="bits">Their length; the time grows with its square.</param>
    public void SpendBits(long bits) => Spend(1 + (bits >> 6) * (bits >> 6) / 32);
}
