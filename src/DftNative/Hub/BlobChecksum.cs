using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DftNative.Hub;

/// <summary>The Hub's checksum of a file: SHA-256 for a large one (LFS), git's blob SHA-1 for one that git itself holds.</summary>
internal sealed record BlobChecksum
{
    private const int GitLength = 40;
    private const int Sha256Length = 64;
    private const int BufferLength = 1 << 20;

    private BlobChecksum(string value) => Value = value;

    /// <summary>Lower-case hexadecimal.</summary>
    public string Value { get; }

    /// <summary>Takes an ETag, weak or strong, that is a checksum.</summary>
    public static bool TryParse(string? etag, [NotNullWhen(true)] out BlobChecksum? checksum)
    {
        var value = etag ?? "";
        if (value.StartsWith("W/", StringComparison.Ordinal)) value = value[2..];
        value = value.Trim('"');
        var isChecksum = value.Length is GitLength or Sha256Length && value.All(char.IsAsciiHexDigitLower);
        checksum = isChecksum ? new BlobChecksum(value) : null;
        return isChecksum;
    }

    /// <summary>Whether a file's contents have this checksum. What is on the disk counts, not what was meant to be written.</summary>
    public async Task<bool> MatchesAsync(string path, CancellationToken cancellationToken)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        await using (stream.ConfigureAwait(false))
        {
            using var hash = CreateHash(stream.Length);
            var buffer = new byte[BufferLength];
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0) hash.AppendData(buffer, 0, count);
            return Convert.ToHexStringLower(hash.GetHashAndReset()) == Value;
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is what git names its blobs by.")]
    private IncrementalHash CreateHash(long length)
    {
        if (Value.Length == Sha256Length) return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {length}\0")));
        return hash;
    }
}
