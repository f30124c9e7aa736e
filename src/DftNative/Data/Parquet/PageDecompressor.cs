using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace DftNative.Data.Parquet;

/// <summary>Decompresses pages. What is allocated grows with what comes out, not with what a header claims.</summary>
internal static class PageDecompressor
{
    private const int FirstLength = 1 << 20;

    /// <summary>A page's bytes.</summary>
    /// <param name="codec">Its compression.</param>
    /// <param name="compressed">The page.</param>
    /// <param name="length">What it must come to.</param>
    /// <exception cref="InvalidParquetException">It is damaged, or the codec is not read.</exception>
    public static ReadOnlyMemory<byte> Decompress(ParquetCodec codec, ReadOnlyMemory<byte> compressed, int length)
    {
        try
        {
            return codec switch
            {
                ParquetCodec.Uncompressed => compressed.Length == length ? compressed : throw WrongLength(),
                ParquetCodec.Snappy => DecompressSnappy(compressed.Span, length),
                ParquetCodec.Gzip => ReadAll(new GZipStream(ToStream(compressed), CompressionMode.Decompress), length),
                ParquetCodec.Brotli => ReadAll(new BrotliStream(ToStream(compressed), CompressionMode.Decompress), length),
                ParquetCodec.Zstd => ReadAll(new DecompressionStream(ToStream(compressed)), length),
                _ => throw new InvalidParquetException($"its compression {codec} is not supported; write it with snappy, gzip, zstd, brotli or none, for example pandas' to_parquet(path, compression='zstd')"),
            };
        }
        catch (Exception error) when (error is InvalidDataException or ZstdException or IOException or InvalidOperationException)
        {
            throw new InvalidParquetException($"a page compressed by {codec} is damaged", error);
        }
    }

    private static byte[] DecompressSnappy(ReadOnlySpan<byte> compressed, int length)
    {
        // A copy of three bytes makes 64 at most.
        if (length / 32 > compressed.Length || Snappy.GetUncompressedLength(compressed) != length) throw WrongLength();
        var bytes = new byte[length];
        return Snappy.Decompress(compressed, bytes) == length ? bytes : throw WrongLength();
    }

    private static ReadOnlyMemory<byte> ReadAll(Stream stream, int length)
    {
        using (stream)
        {
            var bytes = new byte[Math.Min(length, FirstLength)];
            var count = 0;
            while (true)
            {
                var read = stream.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
                count += read;
                if (count < bytes.Length) throw WrongLength();
                if (count == length) break;
                Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            }

            return stream.ReadByte() < 0 ? bytes : throw WrongLength();
        }
    }

    private static MemoryStream ToStream(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private static InvalidParquetException WrongLength() => new("a page has another length than its header says");
}
