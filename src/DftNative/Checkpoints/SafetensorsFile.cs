using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DftNative.Backends;

namespace DftNative.Checkpoints;

/// <summary>
/// A safetensors file, memory-mapped. Everything in the header is checked when it is opened, so that reading cannot leave
/// the file or meet bytes that belong to two tensors.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedMemory memory;

    private SafetensorsFile(string path, MappedMemory memory, SafetensorsHeader header)
    {
        Path = path;
        this.memory = memory;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Bytes of the file.</summary>
    public long SizeInBytes => memory.Length;

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="DftNativeException">Exit code 3: missing, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedMemory? memory = null;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: < sizeof(long) } file)
                throw SafetensorsHeader.Bad(path, $"it has {file.Length} bytes, too few for a header: the file is truncated; copy it again");
            memory = new MappedMemory(path);
            var result = new SafetensorsFile(path, memory, SafetensorsHeader.Read(path, ReadHeader(path, memory, out var dataStart), dataStart, memory.Length));
            memory = null;
            return result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: cannot be read: {exception.Message}", exception);
        }
        finally
        {
            memory?.Dispose();
        }
    }

    /// <summary>Reads elements of a tensor as fp32.</summary>
    /// <param name="tensor">A tensor of this file, F32, F16 or BF16.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">Written: as many elements from there.</param>
    public void Read(SafetensorsTensor tensor, long start, Span<float> destination)
    {
        while (!destination.IsEmpty)
        {
            // A span of bytes holds less than 2^31 of them.
            var count = Math.Min(destination.Length, 1 << 28);
            var bytes = GetBytes(tensor, start, count);
            switch (tensor.DataType)
            {
                case SafetensorsDataType.F32:
                    MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                    break;
                case SafetensorsDataType.BF16:
                    TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, BFloat16>(bytes), destination);
                    break;
                case SafetensorsDataType.F16:
                    TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                    break;
                default:
                    throw new ArgumentException($"{tensor.Name} is {tensor.DataType}, not a type of weights", nameof(tensor));
            }

            start += count;
            destination = destination[count..];
        }
    }

    /// <summary>The stored bytes of elements of a tensor, little-endian, of any type; valid until this is disposed.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="start">The first element.</param>
    /// <param name="count">The number of elements; their bytes must be fewer than 2³¹.</param>
    public ReadOnlySpan<byte> GetBytes(SafetensorsTensor tensor, long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, tensor.Length, nameof(count));
        var size = tensor.DataType.SizeInBytes();
        return memory.GetSpan(tensor.Offset + start * size, checked(count * size));
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private static ReadOnlyMemory<byte> ReadHeader(string path, MappedMemory memory, out long dataStart)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(memory.GetSpan(0, sizeof(ulong)));
        if (length > SafetensorsHeader.MaxLength)
            throw SafetensorsHeader.Bad(path, $"the header claims {length} bytes (the most is {SafetensorsHeader.MaxLength}): not a safetensors file");
        if ((long)length > memory.Length - sizeof(ulong))
            throw SafetensorsHeader.Bad(path, $"the header claims {length} bytes and the file has {memory.Length}: the file is truncated; copy it again");
        dataStart = sizeof(ulong) + (long)length;
        return memory.GetSpan(sizeof(ulong), (int)length).ToArray();
    }
}
