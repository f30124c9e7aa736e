using System.IO.Compression;

namespace DftNative.Data.Sources;

/// <summary>A data file's bytes, decompressed; every fault names the file.</summary>
internal sealed class InputStream : Stream
{
    private const string StrictSwitch = "System.IO.Compression.UseStrictValidation";

    private readonly string path;
    private readonly Stream inner;

    static InputStream()
    {
        // Without it .NET takes a gzip file that is cut off for a whole one. Read once, so a host that has decompressed
        // before must set it itself, as the command line's project does.
        if (!AppContext.TryGetSwitch(StrictSwitch, out _)) AppContext.SetSwitch(StrictSwitch, true);
    }

    private InputStream(string path, Stream inner) => (this.path, this.inner) = (path, inner);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Opens a file; one named .gz is decompressed.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it cannot be opened.</exception>
    public static InputStream Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return new InputStream(path, path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CannotRead(path, error);
        }
    }

    /// <summary>The error for a file that cannot be read.</summary>
    public static DftNativeException CannotRead(string path, Exception error) => FileFault.CannotRead(path, error);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: is not a whole gzip file; copy or download it again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(path, error);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
