using DftNative.Data;

namespace DftNative.Training;

/// <summary>Decides the size of a pass through the model.</summary>
internal static class MicroBatchPlanner
{
    /// <summary>Tokens at which a CPU's GEMMs are at full speed; larger passes only hold more memory.</summary>
    private const int DefaultTokens = 2048;

    /// <summary>The most tokens of a pass: as given, else what the device and the rows need.</summary>
    /// <param name="requested">micro_batch_tokens, or null for auto.</param>
    /// <param name="packing">Whether rows share a pass.</param>
    /// <param name="globalBatchSize">Rows of a step.</param>
    /// <param name="rows">Every row that will be a part of a pass.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a row does not fit what was requested.</exception>
    public static int Choose(int? requested, bool packing, int globalBatchSize, IEnumerable<TrainingRow> rows)
    {
        long[] lengths = [.. rows.Select(row => row.InputIds.Length)];
        var longest = (int)lengths.Max();
        if (requested is { } tokens)
        {
            Require(longest, tokens);
            return tokens;
        }

        if (!packing) return longest;
        var largestStep = lengths.OrderDescending().Take(globalBatchSize).Sum();
        return (int)Math.Max(longest, Math.Min(DefaultTokens, largestStep));
    }

    /// <summary>Checks that a pass of the size that was asked for holds the longest row.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: it does not; says what to change.</exception>
    public static void Require(int longestRow, int microBatchTokens)
    {
        if (longestRow <= microBatchTokens) return;
        var orShorter = microBatchTokens < TrainingOptions.SmallestMaxLength ? "" : $" or lower max_length to {microBatchTokens}";
        throw new DftNativeException(
            ExitCode.Usage, $"a row of {longestRow} tokens does not fit micro_batch_tokens {microBatchTokens}; raise micro_batch_tokens to {longestRow}{orShorter}");
    }
}
