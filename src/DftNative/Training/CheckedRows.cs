using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DftNative.Data;

namespace DftNative.Training;

/// <summary>Rows that the model can take.</summary>
/// <param name="Rows">None empty, none longer than max_length or the model's range, every id in the vocabulary.</param>
/// <param name="WithoutTargetCount">Rows that have nothing to learn: they take part and contribute 0.</param>
public sealed record CheckedRows(IReadOnlyList<TrainingRow> Rows, int WithoutTargetCount)
{
    /// <summary>Checks rows.</summary>
    /// <param name="rows">Cut to max_length already, as <see cref="RowReader"/> does.</param>
    /// <param name="vocabularySize">Ids and labels must be below it.</param>
    /// <param name="positionCount">The positions that the model was made for.</param>
    /// <param name="maxLength">The most tokens of a row, as it was asked for.</param>
    /// <param name="what">What the rows are, for errors where they are of no file: "training data".</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: no rows, no target at all, or a row that is not one.</exception>
    public static CheckedRows Create(IReadOnlyList<TrainingRow> rows, int vocabularySize, int positionCount, int maxLength, string what)
    {
        if (rows.Count == 0) throw new DftNativeException(ExitCode.InvalidInput, $"the {what} has no rows");
        var withoutTarget = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (FindProblem(row, vocabularySize, positionCount, maxLength) is { } problem)
                throw new DftNativeException(ExitCode.InvalidInput, $"{(rows as TrainingData)?.Locate(i) ?? $"{what}, row {i + 1}"}: {problem}");
            if (row.CountTargets() == 0) withoutTarget++;
        }

        if (withoutTarget == rows.Count)
            throw new DftNativeException(ExitCode.InvalidInput, $"no row of the {what} has a token to learn: every label is {TrainingRow.IgnoredLabel} or cut off by max_length {maxLength}");
        return new CheckedRows(rows, withoutTarget);
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

    private static string? FindProblem(TrainingRow row, int vocabularySize, int positionCount, int maxLength)
    {
        var length = row.InputIds.Length;
        if (length == 0) return "it has no tokens";
        if (length > maxLength) return $"{length} tokens are more than max_length {maxLength}";
        if (length > positionCount)
        {
            return $"{length} tokens are more than the {positionCount} positions that the model was made for (max_position_embeddings); "
                + $"set max_length to {positionCount} or lower, which cuts or drops longer rows: its RoPE scaling stays what it is";
        }

        if (row.Labels.Length != length) return $"{row.Labels.Length} labels for {length} tokens";
        if (row.TokenWeights is { } weights && weights.Length != length) return $"{weights.Length} token_weights for {length} tokens";
        foreach (var id in row.InputIds)
            if ((uint)id >= (uint)vocabularySize) return OutsideVocabulary("token id", id, vocabularySize);
        foreach (var label in row.Labels)
            if ((uint)label >= (uint)vocabularySize && label != TrainingRow.IgnoredLabel) return OutsideVocabulary("label", label, vocabularySize);
        return row.TokenWeights is not null && row.TokenWeights.Any(weight => !float.IsFinite(weight)) ? "a token weight is not finite" : null;
    }

    private static string OutsideVocabulary(string what, int id, int vocabularySize) => $"{what} {id} is outside the model's vocabulary of {vocabularySize}";
}
