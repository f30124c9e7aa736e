using System.Buffers.Binary;

namespace DftNative.Data.Parquet;

/// <summary>
/// Decodes Parquet's hybrid of runs and bit-packed groups one value at a time, so that a long run costs no memory
/// (parquet-format, Encodings.md, "RLE/Bit-Packing Hybrid").
/// </summary>
/// <param name="data">Runs, without the length before them.</param>
/// <param name="bitWidth">Bits of a value, from 0 to 32.</param>
internal sealed class RunLengthDecoder(ReadOnlyMemory<byte> data, int bitWidth)
{
    private int position;
    private long remaining;
    private bool isPacked;
    private uint runValue;
    private long packedBit;

    /// <summary>The next value.</summary>
    /// <exception cref="InvalidParquetException">There is none.</exception>
    public uint Next()
    {
        while (remaining == 0) ReadRun();
        remaining--;
        return isPacked ? ReadPacked() : runValue;
    }

    private void ReadRun()
    {
        var header = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            if (position >= data.Length || shift > 28) throw Truncated();
            var next = data.Span[position++];
            header |= (ulong)(next & 127) << shift;
            if (next < 128) break;
        }

        isPacked = (header & 1) != 0;
        remaining = (long)(header >> 1);
        if (isPacked)
        {
            packedBit = 8L * position;
            position = (int)Math.Min(data.Length, position + remaining * bitWidth);
            remaining *= 8;
            return;
        }

        var length = (bitWidth + 7) / 8;
        if (length > data.Length - position) throw Truncated();
        runValue = 0;
        for (var i = 0; i < length; i++) runValue |= (uint)data.Span[position + i] << (8 * i);
        position += length;
    }

    private uint ReadPacked()
    {
        var first = (int)(packedBit >> 3);
        if (packedBit + bitWidth > 8L * position) throw Truncated();
        var bytes = data.Span[first..];
        ulong window;
        if (bytes.Length >= sizeof(ulong))
        {
            window = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }
        else
        {
            window = 0;
            for (var i = 0; i < bytes.Length; i++) window |= (ulong)bytes[i] << (8 * i);
        }

        var value = (window >> (int)(packedBit & 7)) & ((1UL << bitWidth) - 1);
        packedBit += bitWidth;
        return (uint)value;
    }

    private static InvalidParquetException Truncated() => new("a page ends too early");
}
