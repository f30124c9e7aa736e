namespace DftNative;

/// <summary>
/// Random numbers that are a function of their coordinates, so that no state has to be saved and none depends on what
/// was drawn before: Philox 4×32 with ten rounds (Salmon et al. 2011).
/// </summary>
public static class CounterRandom
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The 128 bits of a counter under a key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Philox(ulong key, ulong counterLow, ulong counterHigh)
    {
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        var (x0, x1, x2, x3) = ((uint)counterLow, (uint)(counterLow >> 32), (uint)counterHigh, (uint)(counterHigh >> 32));
        for (var round = 0; round < 10; round++)
        {
            var product0 = (ulong)Multiplier0 * x0;
            var product1 = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = ((uint)(product1 >> 32) ^ x1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ x3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (x0, x1, x2, x3);
    }

    /// <summary>64 random bits.</summary>
    public static ulong Bits(ulong key, ulong counterLow, ulong counterHigh = 0)
    {
        var (x0, x1, _, _) = Philox(key, counterLow, counterHigh);
        return ((ulong)x1 << 32) | x0;
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong key, ulong counterLow, ulong counterHigh = 0) =>
        (Bits(key, counterLow, counterHigh) >> 11) * (1.0 / (1UL << 53));
}
