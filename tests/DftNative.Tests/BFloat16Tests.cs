namespace DftNative.Tests;

public sealed class BFloat16Tests
{
    [Test]
    public void EveryValueComesBack()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = BFloat16.FromBits((ushort)bits);
            var back = (BFloat16)(float)value;
            if (BFloat16.IsNaN(value)) Assert.That(BFloat16.ToBits(back), Is.EqualTo(bits | 0x40), "a NaN is quieted and keeps its sign and payload");
            else Assert.That(BFloat16.ToBits(back), Is.EqualTo(bits));
        }
    }

    /// <summary>Every bf16 with low halves around the ends and the tie: 17 at a time, in a vector's lanes and in the remainder.</summary>
    [Test]
    public void AMasterIsSplitExactlyIntoTheNearestWeightAndTheRest()
    {
        uint[] lows = [0, 1, 2, 0x1234, 0x7FFE, 0x7FFF, 0x8000, 0x8001, 0x8765, 0xFFFE, 0xFFFF, 3, 5, 0x4000, 0xC000, 0x00FF, 0xFF00];
        var (single, high, low, joined) = (new float[lows.Length], new BFloat16[lows.Length], new short[lows.Length], new float[lows.Length]);
        for (uint upper = 0; upper <= ushort.MaxValue; upper++)
        {
            for (var i = 0; i < lows.Length; i++) single[i] = BitConverter.UInt32BitsToSingle((upper << 16) | lows[i]);
            TensorConversion.SplitSingle(single, high, low);
            TensorConversion.JoinSingle(high, low, joined);
            for (var i = 0; i < lows.Length; i++)
            {
                var bits = (upper << 16) | lows[i];
                if (float.IsNaN(single[i]))
                {
                    if (BFloat16.IsNaN(high[i]) && float.IsNaN(joined[i])) continue;
                    Assert.Fail($"{bits:X8} is no longer a NaN");
                }

                var expectedHigh = (ushort)((bits + 0x8000) >> 16);
                if (BFloat16.ToBits(high[i]) != expectedHigh || low[i] != (short)(bits - ((uint)expectedHigh << 16)) || BitConverter.SingleToUInt32Bits(joined[i]) != bits)
                    Assert.Fail($"{bits:X8} became {BFloat16.ToBits(high[i]):X4} and {low[i]}, and {BitConverter.SingleToUInt32Bits(joined[i]):X8} again");
            }
        }
    }

    [TestCase(0x3F800000u, 0x3F80)]
    [TestCase(0x3F808000u, 0x3F80, Description = "a tie goes down to even")]
    [TestCase(0x3F818000u, 0x3F82, Description = "a tie goes up to even")]
    [TestCase(0x3F808001u, 0x3F81)]
    [TestCase(0x3F80FFFFu, 0x3F81)]
    [TestCase(0x3F817FFFu, 0x3F81)]
    [TestCase(0xBF818000u, 0xBF82)]
    [TestCase(0x7F7FFFFFu, 0x7F80, Description = "beyond the largest: infinity")]
    [TestCase(0x7F800001u, 0x7FC0, Description = "a NaN whose payload is in the low bits stays a NaN")]
    [TestCase(0xFFFFFFFFu, 0xFFFF)]
    [TestCase(0x00008000u, 0x0000)]
    [TestCase(0x00018000u, 0x0002)]
    public void RoundsToNearestEven(uint single, int expected)
    {
        var value = BitConverter.UInt32BitsToSingle(single);
        Assert.That(BFloat16.ToBits((BFloat16)value), Is.EqualTo(expected));
        // Once in a vector's lane, once in the remainder.
        var values = Enumerable.Repeat(value, 17).ToArray();
        var converted = new BFloat16[17];
        TensorConversion.ConvertToBFloat16(values, converted);
        Assert.That(converted.Select(BFloat16.ToBits), Is.All.EqualTo(expected));
    }

    [Test]
    public void VectorsEqualScalars([Values(0, 1, 15, 16, 17, 1000)] int length)
    {
        var random = new Random(length);
        var values = new float[length];
        for (var i = 0; i < length; i++) values[i] = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
        var narrow = new BFloat16[length + 1];
        TensorConversion.ConvertToBFloat16(values, narrow);
        Assert.That(narrow[..length].Select(BFloat16.ToBits), Is.EqualTo(values.Select(value => BFloat16.ToBits((BFloat16)value))));
        Assert.That(BFloat16.ToBits(narrow[length]), Is.Zero, "nothing is written beyond the source's length");
        var wide = new float[length + 1];
        TensorConversion.ConvertToSingle(narrow.AsSpan(0, length), wide);
        Assert.That(wide[..length].Select(BitConverter.SingleToInt32Bits), Is.EqualTo(narrow[..length].Select(value => BitConverter.SingleToInt32Bits((float)value))));
        Assert.That(() => TensorConversion.ConvertToSingle(new BFloat16[2], new float[1]), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void ComparesAsNumbers()
    {
        var minusZero = BFloat16.FromBits(0x8000);
        Assert.Multiple(() =>
        {
            Assert.That(minusZero == BFloat16.Zero, Is.True);
            Assert.That(BFloat16.NaN != BFloat16.NaN, Is.True);
            Assert.That(BFloat16.NaN.Equals(BFloat16.FromBits(0x7FC0)), Is.True, "as with float, Equals holds between NaNs");
            Assert.That(BFloat16.MinValue < BFloat16.One && BFloat16.One < BFloat16.PositiveInfinity, Is.True);
            Assert.That(BFloat16.One.CompareTo(BFloat16.Zero), Is.Positive);
            Assert.That((float)BFloat16.MaxValue, Is.EqualTo(3.3895314e38f));
            Assert.That(BFloat16.IsFinite(BFloat16.MaxValue) && !BFloat16.IsFinite(BFloat16.NegativeInfinity) && !BFloat16.IsFinite(BFloat16.NaN), Is.True);
            Assert.That(BFloat16.One.ToString(), Is.EqualTo("1"));
            Assert.That(System.Runtime.CompilerServices.Unsafe.SizeOf<BFloat16>(), Is.EqualTo(2));
        });
    }
}
