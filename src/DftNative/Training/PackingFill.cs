namespace DftNative.Training;

/// <summary>How full the passes of packed steps are.</summary>
/// <param name="StepCount">Steps that were looked at.</param>
/// <param name="PassCount">Passes of these steps.</param>
/// <param name="TokenCount">Tokens in them.</param>
/// <param name="PassTokens">The most tokens of a pass.</param>
internal readonly record struct PackingFill(int StepCount, long PassCount, long TokenCount, int PassTokens)
{
    /// <summary>Tokens as a share of the room, in percent.</summary>
    public double Percent => PassCount == 0 ? 0 : 100.0 * TokenCount / (PassCount * (double)PassTokens);

    /// <summary>Packs steps as the run will.</summary>
    /// <param name="lengths">[rows] of each step: its rows' tokens.</param>
    /// <param name="passTokens">The most tokens of a pass.</param>
    public static PackingFill Measure(IEnumerable<IReadOnlyList<int>> lengths, int passTokens)
    {
        var result = new PackingFill(0, 0, 0, passTokens);
        foreach (var step in lengths)
        {
            result = result with
            {
                StepCount = result.StepCount + 1,
                PassCount = result.PassCount + RowPacking.Pack(step, passTokens, packing: true).Count,
                TokenCount = result.TokenCount + step.Sum(length => (long)length),
            };
        }

        return result;
    }
}
