namespace DftNative.Training.Planning;

/// <summary>The rows of a run as far as they decide its passes.</summary>
public sealed class Workload
{
    private readonly IReadOnlyList<IReadOnlyList<int>> sample;
    private readonly bool packing;

    private Workload(int longestRow, long largestStepTokens, double tokensPerStep, double attentionLength, bool packing, IReadOnlyList<IReadOnlyList<int>> sample)
    {
        (LongestRow, LargestStepTokens, TokensPerStep, AttentionLength) = (longestRow, largestStepTokens, tokensPerStep, attentionLength);
        (this.packing, this.sample) = (packing, sample);
    }

    /// <summary>Tokens of the longest row, of evaluation too: a pass holds at least one row.</summary>
    public int LongestRow { get; }

    /// <summary>Tokens of the largest step that can be: a longer pass than that is never full.</summary>
    public long LargestStepTokens { get; }

    /// <summary>Tokens of a step, in the mean.</summary>
    public double TokensPerStep { get; }

    /// <summary>The length of the row that a token is in, in the mean over tokens: what attention's work grows with.</summary>
    public double AttentionLength { get; }

    /// <summary>Whether rows share passes.</summary>
    public bool IsPacked => packing;

    /// <summary>Without data: steps of so many rows, every one as long as can be, in passes that are full.</summary>
    /// <param name="maxLength">Tokens of a row.</param>
    /// <param name="globalBatchSize">Rows of a step.</param>
    /// <param name="packing">Whether rows share passes.</param>
    public static Workload OfFullRows(int maxLength, int globalBatchSize, bool packing)
    {
        var tokens = (long)maxLength * globalBatchSize;
        return new Workload(maxLength, tokens, tokens, maxLength, packing, []);
    }

    /// <summary>Of rows that are known.</summary>
    /// <param name="steps">Lengths of the rows of some of the run's steps, at least one.</param>
    /// <param name="longestRow">Of all rows.</param>
    /// <param name="largestStepTokens">Tokens of the largest step that can be.</param>
    /// <param name="packing">Whether rows share passes.</param>
    public static Workload OfSteps(IReadOnlyList<IReadOnlyList<int>> steps, int longestRow, long largestStepTokens, bool packing)
    {
        double tokens = 0, squares = 0;
        foreach (var step in steps)
        {
            foreach (var length in step)
            {
                tokens += length;
                squares += (double)length * length;
            }
        }

        return new Workload(longestRow, largestStepTokens, tokens / steps.Count, squares / Math.Max(tokens, 1), packing, steps);
    }

    /// <summary>Passes of a step, in the mean.</summary>
    public double CountPasses(int microBatchTokens)
    {
        if (sample.Count == 0) return packing ? TokensPerStep / microBatchTokens : TokensPerStep / LongestRow;
        return sample.Average(step => RowPacking.CountPasses(step, microBatchTokens, packing));
    }
}
