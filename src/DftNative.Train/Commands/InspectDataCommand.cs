using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Train.Commands;

/// <summary><c>inspect-data</c>: rows as the model will see them, every trained token marked, then the counts.</summary>
internal static class InspectDataCommand
{
    private const string Green = "\e[32m", Dim = "\e[2m", Reset = "\e[0m";

    /// <summary>Runs the command.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="vocabularySize">The model's, from its config.json; null: the tokenizer's.</param>
    /// <param name="output">Receives the rows.</param>
    public static int Run(InspectDataOptions options, int? vocabularySize, TextWriter output)
    {
        var tokenizer = Tokenizer.Exists(options.Model) ? Tokenizer.Load(options.Model) : null;
        var reader = new RowReader(tokenizer, vocabularySize ?? tokenizer?.VocabularySize ?? int.MaxValue, options.Reader);
        var (shown, duplicates) = (0, 0);
        var seen = new HashSet<UInt128>();
        output.Write(options.UseColor ? $"trained tokens are {Green}green{Reset}; \\n is a line break\n\n" : "trained tokens are in [brackets]; \\n is a line break\n\n");
        try
        {
            foreach (var row in reader.Read(options.Files)) Show(row);
        }
        catch (DftNativeException) when (reader.Report is { RowCount: > 0, TrainedTokenCount: 0 })
        {
            // Of rows in which there is nothing to train the counts say why.
            WriteCounts();
            throw;
        }

        WriteCounts();
        return (int)ExitCode.Success;

        void WriteCounts() => output.Write(string.Create(CultureInfo.InvariantCulture, $"{reader.Report}, {duplicates} duplicates\n"));

        void Show(TrainingRow row)
        {
            if (!seen.Add(Fingerprint(row))) duplicates++;
            if (shown == options.Rows) return;
            shown++;
            output.Write(string.Create(CultureInfo.InvariantCulture, $"row {shown}: {row.InputIds.Length} tokens, {row.CountTargets()} trained\n"));
            WriteRow(row, tokenizer, options.UseColor, output);
            output.Write('\n');
        }
    }

    /// <summary>The same for rows of the same tokens with the same labels: half of a SHA-256, so that no others share it in practice.</summary>
    private static UInt128 Fingerprint(TrainingRow row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(row.InputIds.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(row.Labels.AsSpan()));
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    private static void WriteRow(TrainingRow row, Tokenizer? tokenizer, bool useColor, TextWriter output)
    {
        for (var i = 0; i < row.InputIds.Length; i++)
        {
            // The first token has nothing before it to be predicted from.
            var isTrained = i > 0 && row.Labels[i] != TrainingRow.IgnoredLabel;
            var text = TokenText.Show(tokenizer, row.InputIds[i]);
            if (isTrained && row.Labels[i] != row.InputIds[i]) text += $"→{TokenText.Show(tokenizer, row.Labels[i])}";
            if (isTrained && row.TokenWeights is { } weights && weights[i] != 1) text += string.Create(CultureInfo.InvariantCulture, $"×{weights[i]}");
            if (useColor)
                output.Write(isTrained ? $"{Green}{text}{Reset}" : $"{Dim}{text}{Reset}");
            else
                output.Write(isTrained ? $"[{text}]" : text);
            if (tokenizer is null) output.Write(' ');
        }

        output.Write('\n');
    }
}
