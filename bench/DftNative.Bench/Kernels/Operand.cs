using DftNative.Backends;

namespace DftNative.Bench.Kernels;

/// <summary>
/// A device buffer and what it held at first: numbers that repeat with a long period, so that gigabytes need no copy on
/// the host, or poison, all bits set, which is NaN in every floating type.
/// </summary>
internal sealed class Operand
{
    private const int UploadLength = 1 << 22;

    private readonly IBackend backend;
    private readonly float[]? pattern;

    /// <summary>An operand of those numbers.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="buffer">The memory.</param>
    /// <param name="pattern">What is repeated, exact in the buffer's type; null: poison.</param>
    public Operand(IBackend backend, DeviceBuffer buffer, float[]? pattern)
    {
        (this.backend, this.pattern, Vector) = (backend, pattern, buffer.AsVector());
        Restore();
    }

    /// <summary>All of it.</summary>
    public Vector Vector { get; }

    /// <summary>The number at first.</summary>
    public double this[long index] => pattern![index % pattern.Length];

    /// <summary>The first rows × columns elements.</summary>
    public Matrix Matrix(int rows, int columns) => Vector.AsMatrix(rows, columns);

    /// <summary>Numbers at first, in order.</summary>
    public double[] Initial(long start, int count)
    {
        var values = new double[count];
        for (int i = 0, at = (int)(start % pattern!.Length); i < count; i++)
        {
            values[i] = pattern[at];
            if (++at == pattern.Length) at = 0;
        }

        return values;
    }

    /// <summary>The numbers now.</summary>
    public double[] Download(long start, int count)
    {
        var view = Vector.Slice(start, count);
        switch (view.DataType)
        {
            case DataType.BFloat16:
                var halves = new BFloat16[count];
                backend.Download(view, halves.AsSpan());
                return [.. halves.Select(value => (double)(float)value)];
            case DataType.Float64:
                var doubles = new double[count];
                backend.Download(view, doubles.AsSpan());
                return doubles;
            case DataType.Int16:
                var shorts = new short[count];
                backend.Download(view, shorts.AsSpan());
                return [.. shorts.Select(value => (double)value)];
            default:
                var floats = new float[count];
                backend.Download(view, floats.AsSpan());
                return [.. floats.Select(value => (double)value)];
        }
    }

    /// <summary>Whether no element is poison any more.</summary>
    public bool IsWritten()
    {
        var size = Vector.DataType.SizeInBytes();
        for (long start = 0; start < Vector.Length; start += UploadLength)
        {
            var view = Vector.Slice(start, Math.Min(UploadLength, Vector.Length - start));
            if (size == sizeof(ushort) ? Contains(view, ushort.MaxValue) : Contains(view, uint.MaxValue)) return false;
        }

        return true;
    }

    /// <summary>Puts back what was there at first.</summary>
    public void Restore()
    {
        switch (Vector.DataType)
        {
            case DataType.BFloat16: Upload(value => (BFloat16)value, BFloat16.FromBits(ushort.MaxValue)); break;
            case DataType.Int16: Upload(value => (short)value, (short)-1); break;
            case DataType.Int32: Upload(value => (int)value, -1); break;
            case DataType.Float64: Upload(value => (double)value, BitConverter.UInt64BitsToDouble(ulong.MaxValue)); break;
            default: Upload(value => value, BitConverter.UInt32BitsToSingle(uint.MaxValue)); break;
        }
    }

    private void Upload<T>(Func<float, T> convert, T poison)
        where T : unmanaged
    {
        T[] period = pattern is null ? [poison] : [.. pattern.Select(convert)];
        var repeats = (int)Math.Max(1, Math.Min(UploadLength, Vector.Length) / period.Length);
        var block = new T[(long)period.Length * repeats];
        for (var i = 0; i < repeats; i++) period.CopyTo(block.AsSpan(i * period.Length));
        for (long start = 0; start < Vector.Length; start += block.Length)
        {
            var count = (int)Math.Min(block.Length, Vector.Length - start);
            backend.Upload<T>(block.AsSpan(0, count), Vector.Slice(start, count));
        }
    }

    private bool Contains<T>(Vector view, T poison)
        where T : unmanaged, IEquatable<T>
    {
        // A type of the poison's size, whatever the elements are: bits are compared.
        if (view.DataType == DataType.Float64) return Download(view.Offset, (int)view.Length).Any(double.IsNaN);
        var values = new T[view.Length];
        backend.Download(view, values.AsSpan());
        return MemoryExtensions.Contains(values.AsSpan(), poison);
    }
}
