using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DftNative.Data;

namespace DftNative.Training;

/// <summary>Rows checked against the model and brought to max_length, with what was done to them.</summary>
/// <param name="Rows">None empty, none longer than max_length.</param>
/// <param name="TruncatedCount">Rows whose right end was cut off.</param>
/// <param name="DroppedCount">Rows left out for their length.</param>
/// <param name="WithoutTargetCount">Rows of <paramref name="Rows"/> that have nothing to learn: they take part and contribute 0.</param>
public sealed record PreparedRows(IReadOnlyList<TrainingRow> Rows, int TruncatedCount, int DroppedCount, int WithoutTargetCount)
{
    /// <summary>Tokens of the longest row.</summary>
    public int LongestLength { get; } = Rows.Count == 0 ? 0 : Rows.Max(row => row.InputIds.Length);

    /// <summary>Checks and shortens rows.</summary>
    /// <param name="rows">As read.</param>
    /// <param name="vocabularySize">Ids and labels must be below it.</param>
    /// <param name="maxLength">The most tokens of a row.</param>
    /// <param name="action">What becomes of longer rows.</param>
    /// <param name="what">What the rows are, for errors: "training data".</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: no rows, no target at all, or a row that is not one.</exception>
    public static PreparedRows Create(IReadOnlyList<TrainingRow> rows, int vocabularySize, int maxLength, MaxLengthAction action, string what)
    {
        if (rows.Count == 0) throw new DftNativeException(ExitCode.InvalidInput, $"the {what} has no rows");
        var kept = new List<TrainingRow>(rows.Count);
        int truncated = 0, dropped = 0, withoutTarget = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            Check(row, vocabularySize, $"{what}, row {i + 1}");
            if (row.InputIds.Length > maxLength)
            {
                if (action == MaxLengthAction.Drop)
                {
                    dropped++;
                    continue;
                }

                row = new TrainingRow(row.InputIds[..maxLength], row.Labels[..maxLength], row.TokenWeights?[..maxLength]);
                truncated++;
            }

            if (row.CountTargets() == 0) withoutTarget++;
            kept.Add(row);
        }

        if (kept.Count == 0)
            throw new DftNativeException(ExitCode.InvalidInput, $"every row of the {what} is longer than max_length {maxLength}; raise it, or set max_length_action truncate");
        if (withoutTarget == kept.Count)
            throw new DftNativeException(ExitCode.InvalidInput, $"no row of the {what} has a token to learn: every label is {TrainingRow.IgnoredLabel} or cut off by max_length {maxLength}");
        return new PreparedRows(kept, truncated, dropped, withoutTarget);
    }

    /// <summary>SHA-256 of everything that the rows tell the model, in lower-case hexadecimal.</summary>
    public string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> lengths = stackalloc byte[8];
        foreach (var row in Rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(lengths, row.InputIds.Length);
            BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], row.TokenWeights?.Length ?? -1);
            hash.AppendData(lengths);
            hash.AppendData(MemoryMarshal.AsBytes(row.InputIds.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(row.Labels.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(row.TokenWeights.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Check(TrainingRow row, int vocabularySize, string where)
    {
        if (row.InputIds.Length == 0) throw new DftNativeException(ExitCode.InvalidInput, $"{where}: it has no tokens");
        if (row.Labels.Length != row.InputIds.Length)
            throw new DftNativeException(ExitCode.InvalidInput, $"{where}: {row.Labels.Length} labels for {row.InputIds.Length} tokens");
        if (row.TokenWeights is { } weights && weights.Length != row.InputIds.Length)
            throw new DftNativeException(ExitCode.InvalidInput, $"{where}: {weights.Length} token_weights for {row.InputIds.Length} tokens");
        foreach (var id in row.InputIds)
            if ((uint)id >= (uint)vocabularySize) throw OutsideVocabulary(where, "token id", id, vocabularySize);
        foreach (var label in row.Labels)
            if ((uint)label >= (uint)vocabularySize && label != TrainingRow.IgnoredLabel) throw OutsideVocabulary(where, "label", label, vocabularySize);
        if (row.TokenWeights is not null && row.TokenWeights.Any(weight => !float.IsFinite(weight)))
            throw new DftNativeException(ExitCode.InvalidInput, $"{where}: a token weight is not finite");
    }

    private static DftNativeException OutsideVocabulary(string where, string what, int id, int vocabularySize) =>
        new(ExitCode.InvalidInput, $"{where}: {what} {id} is outside the model's vocabulary of {vocabularySize}");
}
