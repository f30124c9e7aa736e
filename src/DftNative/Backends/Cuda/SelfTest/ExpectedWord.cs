using System.Globalization;

namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>What a word of 32 bits must be: these bits, an fp32 near a number, or any NaN.</summary>
internal readonly record struct ExpectedWord
{
    private readonly uint bits;
    private readonly double value;
    private readonly double tolerance;
    private readonly Kind kind;

    private ExpectedWord(Kind kind, uint bits, double value = 0, double tolerance = 0) =>
        (this.kind, this.bits, this.value, this.tolerance) = (kind, bits, value, tolerance);

    private enum Kind
    {
        Bits,
        Number,
        NotANumber,
    }

    /// <summary>An fp32 that is NaN, with whatever payload.</summary>
    public static ExpectedWord NotANumber { get; } = new(Kind.NotANumber, 0);

    /// <summary>These bits.</summary>
    public static ExpectedWord Exactly(uint bits) => new(Kind.Bits, bits);

    /// <summary>The bits of this fp32; any NaN for NaN.</summary>
    public static ExpectedWord Exactly(float value) =>
        float.IsNaN(value) ? NotANumber : new(Kind.Bits, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An fp32 at most <paramref name="tolerance"/> from a number.</summary>
    public static ExpectedWord Near(double value, double tolerance) => new(Kind.Number, 0, value, tolerance);

    /// <summary>Whether the word is as it must be.</summary>
    public bool IsMetBy(uint word)
    {
        var number = BitConverter.UInt32BitsToSingle(word);
        return kind switch
        {
            Kind.Bits => word == bits,
            Kind.Number => Math.Abs(number - value) <= tolerance,
            _ => float.IsNaN(number),
        };
    }

    /// <summary>The word as a message shows it: bits, and what they are as fp32.</summary>
    public static string Describe(uint word) =>
        string.Create(CultureInfo.InvariantCulture, $"0x{word:X8} ({BitConverter.UInt32BitsToSingle(word):g9})");

    /// <summary>What is expected, for messages.</summary>
    public override string ToString() => kind switch
    {
        Kind.Bits => Describe(bits),
        Kind.Number => string.Create(CultureInfo.InvariantCulture, $"{value:g9} ± {tolerance:g3}"),
        _ => "NaN",
    };
}
