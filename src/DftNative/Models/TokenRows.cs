namespace DftNative.Models;

/// <summary>
/// Which rows of a pass each distinct token has: the order in which the embedding's gradient adds them up, one owner a
/// token, so that it is the same in every run.
/// </summary>
public sealed class TokenRows
{
    /// <summary>Sorts the rows of a pass.</summary>
    /// <param name="tokens">[T] token ids, not negative.</param>
    public TokenRows(ReadOnlySpan<int> tokens)
    {
        var sorted = new ulong[tokens.Length];
        for (var row = 0; row < tokens.Length; row++) sorted[row] = ((ulong)(uint)tokens[row] << 32) | (uint)row;
        Array.Sort(sorted);
        Rows = Array.ConvertAll(sorted, tokenAndRow => (int)(uint)tokenAndRow);
        var (distinct, starts) = (new List<int>(), new List<int>());
        for (var i = 0; i < sorted.Length; i++)
        {
            var token = (int)(sorted[i] >> 32);
            if (distinct.Count > 0 && distinct[^1] == token) continue;
            distinct.Add(token);
            starts.Add(i);
        }

        starts.Add(sorted.Length);
        (DistinctTokens, Starts) = ([.. distinct], [.. starts]);
    }

    /// <summary>[D] the distinct tokens, ascending.</summary>
    public int[] DistinctTokens { get; }

    /// <summary>[D + 1] where each distinct token's part of <see cref="Rows"/> begins.</summary>
    public int[] Starts { get; }

    /// <summary>[T] rows grouped by token, ascending within a group.</summary>
    public int[] Rows { get; }
}
