using System.Buffers.Binary;
using System.Numerics;

namespace DftNative.Checkpoints;

/// <summary>
/// XXH64 (Yann Collet; seed 0): a checksum at the speed of memory, against flipped bits and half-written files. Not a
/// protection against someone who means harm.
/// </summary>
internal sealed class XxHash64
{
    private const ulong Prime1 = 11400714785074694791;
    private const ulong Prime2 = 14029467366897019727;
    private const ulong Prime3 = 1609587929392839161;
    private const ulong Prime4 = 9650029242287828579;
    private const ulong Prime5 = 2870177450012600261;
    private const int StripeLength = 32;

    private readonly byte[] pending = new byte[StripeLength];
    private int pendingLength;
    private ulong length;
    private ulong lane1 = unchecked(Prime1 + Prime2);
    private ulong lane2 = Prime2;
    private ulong lane3;
    private ulong lane4 = unchecked(0 - Prime1);

    /// <summary>Takes in the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        length += (ulong)bytes.Length;
        if (pendingLength > 0)
        {
            var taken = Math.Min(StripeLength - pendingLength, bytes.Length);
            bytes[..taken].CopyTo(pending.AsSpan(pendingLength));
            pendingLength += taken;
            bytes = bytes[taken..];
            if (pendingLength < StripeLength) return;
            AppendStripes(pending);
            pendingLength = 0;
        }

        var whole = bytes.Length / StripeLength * StripeLength;
        AppendStripes(bytes[..whole]);
        bytes[whole..].CopyTo(pending);
        pendingLength = bytes.Length - whole;
    }

    /// <summary>The hash of everything taken in so far.</summary>
    public ulong GetHash()
    {
        ulong hash;
        if (length < StripeLength)
        {
            hash = Prime5;
        }
        else
        {
            hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
                + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
            foreach (var lane in (ReadOnlySpan<ulong>)[lane1, lane2, lane3, lane4]) hash = (hash ^ Round(0, lane)) * Prime1 + Prime4;
        }

        hash += length;
        ReadOnlySpan<byte> tail = pending.AsSpan(0, pendingLength);
        for (; tail.Length >= sizeof(ulong); tail = tail[sizeof(ulong)..])
            hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(tail)), 27) * Prime1 + Prime4;
        if (tail.Length >= sizeof(uint))
        {
            hash = BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(tail) * Prime1), 23) * Prime2 + Prime3;
            tail = tail[sizeof(uint)..];
        }

        foreach (var value in tail) hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong input) => BitOperations.RotateLeft(lane + input * Prime2, 31) * Prime1;

    private void AppendStripes(ReadOnlySpan<byte> stripes)
    {
        var (a, b, c, d) = (lane1, lane2, lane3, lane4);
        for (; stripes.Length >= StripeLength; stripes = stripes[StripeLength..])
        {
            a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(stripes));
            b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(stripes[8..]));
            c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(stripes[16..]));
            d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(stripes[24..]));
        }

        (lane1, lane2, lane3, lane4) = (a, b, c, d);
    }
}
