using System.Text;

namespace DftNative.Data.Parquet;

/// <summary>
/// Reads Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md), in which Parquet's footer and page
/// headers are written. Every length is checked against what is left.
/// </summary>
/// <param name="data">Begins with a structure.</param>
internal ref struct ThriftReader(ReadOnlySpan<byte> data)
{
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> data = data;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the header of a structure's next field.</summary>
    /// <param name="id">That of the field before, 0 at the structure's begin; becomes this field's.</param>
    /// <param name="type">The field's type.</param>
    /// <returns>False at the structure's end.</returns>
    public bool ReadField(ref short id, out ThriftType type)
    {
        var header = ReadByte();
        type = (ThriftType)(header & 15);
        if (type == ThriftType.Stop) return false;
        id = header >> 4 is var delta && delta == 0 ? checked((short)ReadInt64(short.MinValue, short.MaxValue)) : (short)(id + delta);
        return true;
    }

    /// <summary>An integer of 16, 32 or 64 bits that must fit 32.</summary>
    public int ReadInt32(ThriftType type)
    {
        Expect(type is ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64);
        return (int)ReadInt64(int.MinValue, int.MaxValue);
    }

    /// <summary>An integer of up to 64 bits.</summary>
    public long ReadInt64(ThriftType type)
    {
        Expect(type is ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64);
        return ReadInt64(long.MinValue, long.MaxValue);
    }

    /// <summary>A truth value, which a field's header holds.</summary>
    public static bool ReadBoolean(ThriftType type)
    {
        Expect(type is ThriftType.True or ThriftType.False);
        return type == ThriftType.True;
    }

    /// <summary>A text.</summary>
    public string ReadText(ThriftType type)
    {
        Expect(type == ThriftType.Binary);
        return Encoding.UTF8.GetString(ReadBinary());
    }

    /// <summary>Checks that a field is a structure; its fields follow.</summary>
    public static void ExpectStructure(ThriftType type) => Expect(type == ThriftType.Structure);

    /// <summary>The number of elements of a list whose elements follow.</summary>
    public int ReadList(ThriftType type, ThriftType element)
    {
        Expect(type == ThriftType.List);
        var count = ReadListHeader(out var actual);
        Expect(count == 0 || actual == element);
        return count;
    }

    /// <summary>Passes over a field's value.</summary>
    public void Skip(ThriftType type) => Skip(type, 0);

    private void Skip(ThriftType type, int depth)
    {
        if (depth > MaxDepth) throw Malformed();
        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                break;
            case ThriftType.Byte:
                ReadByte();
                break;
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64:
                ReadVarint();
                break;
            case ThriftType.Double:
                Take(sizeof(double));
                break;
            case ThriftType.Binary:
                ReadBinary();
                break;
            case ThriftType.List or ThriftType.Set:
                for (var i = ReadListHeader(out var element); i > 0; i--) SkipElement(element, depth);
                break;
            case ThriftType.Map:
                SkipMap(depth);
                break;
            case ThriftType.Structure:
                for (short id = 0; ReadField(ref id, out var field);) Skip(field, depth + 1);
                break;
            default:
                throw Malformed();
        }
    }

    private void SkipMap(int depth)
    {
        var count = ReadCount();
        if (count == 0) return;
        var types = ReadByte();
        for (var i = 0; i < count; i++)
        {
            SkipElement((ThriftType)(types >> 4), depth);
            SkipElement((ThriftType)(types & 15), depth);
        }
    }

    /// <summary>In lists and maps a truth value is a byte.</summary>
    private void SkipElement(ThriftType type, int depth)
    {
        if (type is ThriftType.True or ThriftType.False) ReadByte();
        else Skip(type, depth + 1);
    }

    private int ReadListHeader(out ThriftType element)
    {
        var header = ReadByte();
        element = (ThriftType)(header & 15);
        if (header >> 4 is var count && count < 15)
        {
            Expect(count <= data.Length - Position);
            return count;
        }

        return ReadCount();
    }

    /// <summary>A number of elements, each of a byte at least.</summary>
    private int ReadCount()
    {
        var count = ReadVarint();
        Expect(count <= (ulong)(data.Length - Position));
        return (int)count;
    }

    private ReadOnlySpan<byte> ReadBinary()
    {
        var length = ReadVarint();
        Expect(length <= (ulong)(data.Length - Position));
        return Take((int)length);
    }

    private long ReadInt64(long minimum, long maximum)
    {
        var bits = ReadVarint();
        var value = (long)(bits >> 1) ^ -(long)(bits & 1);
        Expect(value >= minimum && value <= maximum);
        return value;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw Malformed();
    }

    private byte ReadByte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > data.Length - Position) throw new InvalidParquetException("a header ends too early");
        Position += length;
        return data.Slice(Position - length, length);
    }

    private static void Expect(bool condition)
    {
        if (!condition) throw Malformed();
    }

    private static InvalidParquetException Malformed() => new("a header is malformed");
}
