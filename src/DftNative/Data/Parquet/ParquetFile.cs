using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Data.Parquet;

/// <summary>An open Parquet file: its footer is read, its pages are read when they are asked for.</summary>
internal sealed class ParquetFile : IDisposable
{
    /// <summary>Bytes of the mark at both ends.</summary>
    public const int MagicLength = 4;

    private const int TailLength = sizeof(int) + MagicLength;
    private const int MaxFooterLength = 1 << 28;

    private readonly SafeFileHandle handle;

    private ParquetFile(SafeFileHandle handle, ParquetMetadata metadata) => (this.handle, Metadata) = (handle, metadata);

    /// <summary>The footer.</summary>
    public ParquetMetadata Metadata { get; }

    /// <summary>Opens a file and reads its footer.</summary>
    /// <exception cref="InvalidParquetException">It is not a Parquet file, or its footer is damaged.</exception>
    public static ParquetFile Open(string path)
    {
        var handle = File.OpenHandle(path);
        try
        {
            return new ParquetFile(handle, ReadMetadata(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes of the file.</summary>
    /// <param name="offset">From its begin.</param>
    /// <param name="bytes">Filled.</param>
    /// <exception cref="InvalidParquetException">The file ends before.</exception>
    public void Read(long offset, Span<byte> bytes) => Read(handle, offset, bytes);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static ParquetMetadata ReadMetadata(SafeFileHandle handle)
    {
        var length = RandomAccess.GetLength(handle);
        Span<byte> magic = stackalloc byte[MagicLength];
        Span<byte> tail = stackalloc byte[TailLength];
        if (length < MagicLength + TailLength) throw NotParquet();
        Read(handle, 0, magic);
        Read(handle, length - TailLength, tail);
        if (magic.SequenceEqual("PARE"u8) || tail[sizeof(int)..].SequenceEqual("PARE"u8)) throw new InvalidParquetException("it is encrypted, which is not supported");
        if (!magic.SequenceEqual("PAR1"u8)) throw NotParquet();
        if (!tail[sizeof(int)..].SequenceEqual("PAR1"u8)) throw new InvalidParquetException("its end is missing; copy or download it again");
        var footerLength = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        var dataEnd = length - TailLength - footerLength;
        if (dataEnd < MagicLength || footerLength > MaxFooterLength) throw new InvalidParquetException($"its footer claims {footerLength} bytes of a file of {length}");
        var footer = new byte[footerLength];
        Read(handle, dataEnd, footer);
        return ParquetFooter.Read(footer, dataEnd);
    }

    private static void Read(SafeFileHandle handle, long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(handle, bytes, offset);
            if (count == 0) throw new InvalidParquetException("it ends too early");
            bytes = bytes[count..];
            offset += count;
        }
    }

    private static InvalidParquetException NotParquet() => new("it is not a Parquet file");
}
