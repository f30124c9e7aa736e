namespace DftNative.Tests.Cuda;

/// <summary>bfloat16 as the tests understand it: from fp64, independent of every kernel.</summary>
internal static class BFloat16Reference
{
    /// <summary>The nearest bf16, ties to even; the value is finite and in range.</summary>
    public static double Round(double value)
    {
        if (value == 0) return value;
        var ulp = Math.ScaleB(1, Math.Max(Math.ILogB(value), -126) - 7);
        return Math.Round(value / ulp, MidpointRounding.ToEven) * ulp;
    }

    /// <summary>The bits of a number that is a bf16.</summary>
    public static ushort ToBits(double value) => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16);

    /// <summary>The number of those bits.</summary>
    public static double FromBits(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
