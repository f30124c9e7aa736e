using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Checkpoints;

/// <summary>
/// A safetensors file, open. Everything in the header is checked when it is opened, so that reading cannot leave the file or
/// meet bytes that belong to two tensors. It is read and not mapped: several threads that read large parts keep a disk
/// busy, where page faults wait for one another, and a disk that fails gives an error, where a mapping ends the process.
/// Any thread may read.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int BufferLength = 1 << 20;

    private readonly SafeFileHandle handle;
    private readonly DateTime lastWriteTime;

    private SafetensorsFile(string path, SafeFileHandle handle, byte[] headerBytes, long length)
    {
        var header = SafetensorsHeader.Read(path, headerBytes.AsMemory(sizeof(ulong)), headerBytes.Length, length);
        (Path, HeaderBytes) = (path, headerBytes);
        this.handle = handle;
        lastWriteTime = File.GetLastWriteTimeUtc(handle);
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        SizeInBytes = length;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Bytes of the file.</summary>
    public long SizeInBytes { get; }

    /// <summary>The file's bytes before those of the first tensor: whoever hashes the file need not read them again.</summary>
    internal ReadOnlyMemory<byte> HeaderBytes { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="DftNativeException">Exit code 3: missing, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            var result = new SafetensorsFile(path, handle, ReadHeader(path, handle, length), length);
            handle = null;
            return result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw CannotRead(path, exception);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Reads elements of a tensor as fp32.</summary>
    /// <param name="tensor">A tensor of this file, F32, F16 or BF16.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">Written: as many elements from there.</param>
    /// <exception cref="DftNativeException">Exit code 3: the file cannot be read, or has become shorter.</exception>
    public void Read(SafetensorsTensor tensor, long start, Span<float> destination)
    {
        if (!tensor.DataType.IsWeightType()) throw new ArgumentException($"{tensor.Name} is {tensor.DataType}, not a type of weights", nameof(tensor));
        if (tensor.DataType == SafetensorsDataType.F32)
        {
            ReadBytes(tensor, start, MemoryMarshal.AsBytes(destination));
            return;
        }

        CheckRange(tensor, start, destination.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(BufferLength, destination.Length * sizeof(ushort)));
        try
        {
            while (!destination.IsEmpty)
            {
                var count = Math.Min(destination.Length, BufferLength / sizeof(ushort));
                var bytes = buffer.AsSpan(0, count * sizeof(ushort));
                ReadBytes(tensor, start, bytes);
                if (tensor.DataType == SafetensorsDataType.BF16) TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, BFloat16>((ReadOnlySpan<byte>)bytes), destination);
                else TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, Half>((ReadOnlySpan<byte>)bytes), destination);
                start += count;
                destination = destination[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the stored bytes of elements of a tensor, little-endian, of any type.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">Written: whole elements from there.</param>
    /// <exception cref="DftNativeException">Exit code 3: the file cannot be read, or has become shorter.</exception>
    public void ReadBytes(SafetensorsTensor tensor, long start, Span<byte> destination)
    {
        var size = tensor.DataType.SizeInBytes();
        CheckRange(tensor, start, destination.Length / size);
        ReadFully(Path, handle, tensor.Offset + start * size, destination);
    }

    /// <summary>For who has read the file: refuses what was perhaps read in part before and in part after a change.</summary>
    /// <exception cref="DftNativeException">Exit code 3: the file is not as it was when it was opened, by its length or the time of its last change.</exception>
    public void RequireUnchanged()
    {
        if (RandomAccess.GetLength(handle) != SizeInBytes || File.GetLastWriteTimeUtc(handle) != lastWriteTime)
            throw SafetensorsHeader.Bad(Path, "it was changed while it was read; begin again when nothing writes to it");
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static void CheckRange(SafetensorsTensor tensor, long start, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, tensor.Length, nameof(count));
    }

    private static void ReadFully(string path, SafeFileHandle handle, long offset, Span<byte> destination)
    {
        try
        {
            if (FullRead.Read(handle, offset, destination) is var count && count < destination.Length)
                throw SafetensorsHeader.Bad(path, $"it has become shorter than it was: nothing is at byte {offset + count}; copy it again");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(path, exception);
        }
    }

    private static DftNativeException CannotRead(string path, Exception exception) =>
        FileFault.CannotRead(path, exception);

    private static byte[] ReadHeader(string path, SafeFileHandle handle, long fileLength)
    {
        if (fileLength < sizeof(ulong)) throw SafetensorsHeader.Bad(path, $"it has {fileLength} bytes, too few for a header: the file is truncated; copy it again");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        ReadFully(path, handle, 0, prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw SafetensorsHeader.Bad(path, $"the header claims {length} bytes (the most is {SafetensorsHeader.MaxLength}): not a safetensors file");
        if ((long)length > fileLength - sizeof(ulong))
            throw SafetensorsHeader.Bad(path, $"the header claims {length} bytes and the file has {fileLength}: the file is truncated; copy it again");
        var header = new byte[sizeof(ulong) + (int)length];
        prefix.CopyTo(header);
        ReadFully(path, handle, sizeof(ulong), header.AsSpan(sizeof(ulong)));
        return header;
    }
}
