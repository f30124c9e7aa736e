using System.Buffers.Binary;

namespace DftNative.Data.Parquet;

/// <summary>The values of a page, or of a dictionary, as slices of its bytes.</summary>
internal sealed class ParquetValues
{
    private static readonly ReadOnlyMemory<byte> Bits = new byte[] { 0, 1 };

    private readonly ParquetType type;
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly RunLengthDecoder? runs;
    private readonly int[]? starts;
    private int position;

    private ParquetValues(ParquetType type, ReadOnlyMemory<byte> bytes, RunLengthDecoder? runs, int[]? starts) =>
        (this.type, this.bytes, this.runs, this.starts) = (type, bytes, runs, starts);

    /// <summary>Values of the encoding PLAIN, to be read by <see cref="Next"/>.</summary>
    public static ParquetValues ReadPlain(ParquetType type, ReadOnlyMemory<byte> page) => new(type, page, null, null);

    /// <summary>Truth values of the encoding RLE, to be read by <see cref="Next"/>.</summary>
    public static ParquetValues ReadRuns(ReadOnlyMemory<byte> page) => new(ParquetType.Boolean, page, new RunLengthDecoder(page, 1), null);

    /// <summary>Values to be read by <see cref="At"/>.</summary>
    public static ParquetValues ReadDictionary(ParquetType type, ReadOnlyMemory<byte> page, int count)
    {
        var smallest = type switch
        {
            ParquetType.Int32 or ParquetType.Float or ParquetType.ByteArray => 4,
            ParquetType.Int64 or ParquetType.Double => 8,
            _ => throw new InvalidParquetException($"it has a dictionary of the type {type}, which is not supported"),
        };
        if (count > page.Length / smallest) throw Truncated();
        var values = new ParquetValues(type, page, null, new int[count + 1]);
        for (var i = 0; i < count; i++)
        {
            values.Next();
            values.starts![i + 1] = values.position;
        }

        return values;
    }

    /// <summary>The next value.</summary>
    /// <exception cref="InvalidParquetException">There is none.</exception>
    public ReadOnlyMemory<byte> Next()
    {
        if (runs is not null) return Bits.Slice(runs.Next() == 0 ? 0 : 1, 1);
        switch (type)
        {
            case ParquetType.Boolean:
                if (position >> 3 >= bytes.Length) throw Truncated();
                var bit = (bytes.Span[position >> 3] >> (position & 7)) & 1;
                position++;
                return Bits.Slice(bit, 1);
            case ParquetType.Int32 or ParquetType.Float:
                return Take(sizeof(int));
            case ParquetType.Int64 or ParquetType.Double:
                return Take(sizeof(long));
            case ParquetType.ByteArray:
                var length = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span);
                return length <= bytes.Length ? Take((int)length) : throw Truncated();
            default:
                throw new InvalidParquetException($"it has values of the type {type}, which is not supported");
        }
    }

    /// <summary>A value of a dictionary.</summary>
    /// <exception cref="InvalidParquetException">It is not there.</exception>
    public ReadOnlyMemory<byte> At(uint index)
    {
        if (index >= starts!.Length - 1) throw new InvalidParquetException("a page refers to a value that its dictionary lacks");
        var start = starts[index] + (type == ParquetType.ByteArray ? sizeof(uint) : 0);
        return bytes[start..starts[index + 1]];
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > bytes.Length - position) throw Truncated();
        position += length;
        return bytes.Slice(position - length, length);
    }

    private static InvalidParquetException Truncated() => new("a page ends too early");
}
