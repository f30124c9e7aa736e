using System.Buffers.Binary;

namespace DftNative.Tokenizers;

/// <summary>Reads the fields of a Protocol Buffers message.</summary>
/// <param name="bytes">The message.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>The number of the field that <see cref="TryRead"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>Its value where that is a number: a varint, or the bits of a fixed one.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value where that is text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="FormatException">The message is cut off or malformed.</exception>
    public bool TryRead()
    {
        if (rest.IsEmpty) return false;
        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        Number = 0;
        Bytes = [];
        switch (tag & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(ReadVarint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException("it holds a field of an unknown kind");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new FormatException("it holds a number that is too long");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length) throw new FormatException("it ends within a field");
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}
