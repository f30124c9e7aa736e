using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Checkpoints;

namespace DftNative.Data.Cache;

/// <summary>
/// A file of encoded rows, mapped into memory: a row is made when it is asked for. Little-endian: a header of
/// <see cref="HeaderLength"/> bytes, where each row begins, the rows. A row is its length and flags, its ids, its labels
/// (a bit a token where each label is the id or ignored, else the labels), and its weights where there are any.
/// </summary>
internal sealed class RowCachePart : IDisposable
{
    /// <summary>Raised with every change of the files' layout.</summary>
    public const int FormatVersion = 1;

    private const int KeyLength = 32;
    private const int CountsOffset = 16 + KeyLength;
    private const int CountCount = 8;
    private const int RowCountOffset = CountsOffset + CountCount * sizeof(long);
    private const int ChecksumOffset = RowCountOffset + sizeof(long);
    private const int HeaderLength = ChecksumOffset + sizeof(ulong);
    private const int HasExplicitLabels = 1;
    private const int HasWeights = 2;

    private readonly MappedMemory memory;
    private readonly long dataOffset;

    private RowCachePart(MappedMemory memory, int rowCount, bool isLast, DataReport report) =>
        (this.memory, RowCount, IsLast, Report, dataOffset) = (memory, rowCount, isLast, report, HeaderLength + (rowCount + 1L) * sizeof(long));

    private static ReadOnlySpan<byte> Magic => "DFTNROWS"u8;

    /// <summary>Rows of the part.</summary>
    public int RowCount { get; }

    /// <summary>Whether the data file ends with it.</summary>
    public bool IsLast { get; }

    /// <summary>What was counted while its records were read.</summary>
    public DataReport Report { get; }

    /// <summary>A row.</summary>
    /// <param name="index">From 0.</param>
    public TrainingRow Read(int index)
    {
        var bytes = Row(index);
        var (length, flags) = (BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
        bytes = bytes[8..];
        var ids = Take<int>(ref bytes, length);
        var labels = (flags & HasExplicitLabels) != 0 ? Take<int>(ref bytes, length) : ReadLabels(ref bytes, ids);
        return new TrainingRow(ids, labels, (flags & HasWeights) != 0 ? Take<float>(ref bytes, length) : null);
    }

    /// <summary>Tokens of a row.</summary>
    /// <param name="index">From 0.</param>
    public int ReadLength(int index) => BinaryPrimitives.ReadInt32LittleEndian(Row(index));

    /// <summary>Maps a part if it is whole and of this key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">[32] what its rows depend on.</param>
    /// <param name="problem">Why it is not used; null: it is, or it is not there.</param>
    /// <returns>Null: it is not used.</returns>
    public static RowCachePart? TryOpen(string path, ReadOnlySpan<byte> key, out string? problem)
    {
        problem = null;
        MappedMemory? memory = null;
        try
        {
            if (!File.Exists(path)) return null;
            if (new FileInfo(path).Length < HeaderLength) problem = "it is cut off";
            else problem = Check(memory = new MappedMemory(path), key);
            if (problem is not null) return null;
            var header = memory!.GetSpan(0, HeaderLength);
            var part = new RowCachePart(
                memory, (int)BinaryPrimitives.ReadInt64LittleEndian(header[RowCountOffset..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != 0, ReadReport(header));
            memory = null;
            return part;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
            return null;
        }
        finally
        {
            memory?.Dispose();
        }
    }

    /// <summary>Writes a part; it is there wholly or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">[32] what its rows depend on.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="report">What was counted while their records were read.</param>
    /// <param name="isLast">Whether the data file ends with it.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>.</exception>
    public static void Write(string path, byte[] key, IReadOnlyList<TrainingRow> rows, DataReport report, bool isLast)
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), isLast ? 1 : 0);
        key.CopyTo(header, 16);
        WriteReport(header, report);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(RowCountOffset), rows.Count);
        var offsets = new long[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++) offsets[i + 1] = offsets[i] + MeasureRow(rows[i]);

        var hash = new XxHash64();
        hash.Append(header.AsSpan(0, ChecksumOffset));
        hash.Append(MemoryMarshal.AsBytes(offsets.AsSpan()));
        var encoded = new byte[rows.Count][];
        for (var i = 0; i < rows.Count; i++) hash.Append(encoded[i] = EncodeRow(rows[i]));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(ChecksumOffset), hash.GetHash());
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            stream.Write(MemoryMarshal.AsBytes(offsets.AsSpan()));
            foreach (var row in encoded) stream.Write(row);
            return 0;
        });
    }

    /// <summary>Bytes that a row takes in a part.</summary>
    public static long MeasureRow(TrainingRow row)
    {
        long length = row.InputIds.Length;
        return 8 + 4 * length + (IsPlain(row) ? (length + 31) / 32 * 4 : 4 * length) + (row.TokenWeights is null ? 0 : 4 * length);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private static string? Check(MappedMemory memory, ReadOnlySpan<byte> key)
    {
        var header = memory.GetSpan(0, HeaderLength);
        if (!header.StartsWith(Magic)) return "it is not a cache of rows";
        if (BinaryPrimitives.ReadInt32LittleEndian(header[8..]) is var version && version != FormatVersion) return $"it is of version {version}, not {FormatVersion}";
        if (!header.Slice(16, KeyLength).SequenceEqual(key)) return "it is of other data or options";
        var rowCount = BinaryPrimitives.ReadInt64LittleEndian(header[RowCountOffset..]);
        if (rowCount < 0 || rowCount >= int.MaxValue || HeaderLength + (rowCount + 1) * sizeof(long) > memory.Length) return "it is damaged";
        var hash = new XxHash64();
        hash.Append(header[..ChecksumOffset]);
        for (long offset = HeaderLength; offset < memory.Length; offset += 1 << 24) hash.Append(memory.GetSpan(offset, (int)Math.Min(1 << 24, memory.Length - offset)));
        return hash.GetHash() == BinaryPrimitives.ReadUInt64LittleEndian(header[ChecksumOffset..]) ? null : "it is damaged";
    }

    private static void WriteReport(Span<byte> header, DataReport report)
    {
        ReadOnlySpan<long> counts =
        [
            report.RowCount, report.TokenCount, report.TrainedTokenCount, report.TruncatedRowCount, report.DroppedRowCount,
            report.RowWithoutTargetCount, report.OpenConversationCount, report.LongestRow,
        ];
        MemoryMarshal.AsBytes(counts).CopyTo(header[CountsOffset..]);
    }

    private static DataReport ReadReport(ReadOnlySpan<byte> header)
    {
        var counts = MemoryMarshal.Cast<byte, long>(header.Slice(CountsOffset, CountCount * sizeof(long)));
        return new DataReport
        {
            RowCount = counts[0],
            TokenCount = counts[1],
            TrainedTokenCount = counts[2],
            TruncatedRowCount = counts[3],
            DroppedRowCount = counts[4],
            RowWithoutTargetCount = counts[5],
            OpenConversationCount = counts[6],
            LongestRow = (int)counts[7],
        };
    }

    private static bool IsPlain(TrainingRow row)
    {
        for (var i = 0; i < row.Labels.Length; i++)
            if (row.Labels[i] != row.InputIds[i] && row.Labels[i] != TrainingRow.IgnoredLabel) return false;
        return true;
    }

    private static byte[] EncodeRow(TrainingRow row)
    {
        var bytes = new byte[MeasureRow(row)];
        var isPlain = IsPlain(row);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, row.InputIds.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), (isPlain ? 0 : HasExplicitLabels) | (row.TokenWeights is null ? 0 : HasWeights));
        var rest = bytes.AsSpan(8);
        Put(ref rest, row.InputIds);
        if (isPlain)
        {
            var words = MemoryMarshal.Cast<byte, uint>(rest);
            for (var i = 0; i < row.Labels.Length; i++)
                if (row.Labels[i] != TrainingRow.IgnoredLabel) words[i / 32] |= 1u << (i % 32);
        }
        else
        {
            Put(ref rest, row.Labels);
        }

        if (row.TokenWeights is { } weights) MemoryMarshal.AsBytes(weights.AsSpan()).CopyTo(rest[^(4 * weights.Length)..]);
        return bytes;
    }

    private static void Put(ref Span<byte> rest, int[] values)
    {
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(rest);
        rest = rest[(4 * values.Length)..];
    }

    private static int[] ReadLabels(ref ReadOnlySpan<byte> bytes, int[] ids)
    {
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        var labels = new int[ids.Length];
        for (var i = 0; i < labels.Length; i++) labels[i] = (words[i / 32] & (1u << (i % 32))) != 0 ? ids[i] : TrainingRow.IgnoredLabel;
        bytes = bytes[((ids.Length + 31) / 32 * 4)..];
        return labels;
    }

    private static T[] Take<T>(ref ReadOnlySpan<byte> bytes, int length) where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes[..(4 * length)]).ToArray();
        bytes = bytes[(4 * length)..];
        return values;
    }

    private ReadOnlySpan<byte> Row(int index)
    {
        var offsets = memory.GetSpan(HeaderLength + (long)index * sizeof(long), 2 * sizeof(long));
        var start = BinaryPrimitives.ReadInt64LittleEndian(offsets);
        return memory.GetSpan(dataOffset + start, checked((int)(BinaryPrimitives.ReadInt64LittleEndian(offsets[sizeof(long)..]) - start)));
    }
}
