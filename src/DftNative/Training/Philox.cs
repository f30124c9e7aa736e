namespace DftNative.Training;

/// <summary>
/// Philox4x32-10 (Salmon et al. 2011): random bits as a function of a key and a counter, so that no generator state
/// needs to be saved.
/// </summary>
internal static class Philox
{
    /// <summary>Four random words.</summary>
    /// <param name="key">64 bits, such as a seed.</param>
    /// <param name="counterLow">The counter's low 64 bits.</param>
    /// <param name="counterHigh">The counter's high 64 bits.</param>
    public static (uint Word0, uint Word1, uint Word2, uint Word3) Generate(ulong key, ulong counterLow, ulong counterHigh)
    {
        var (c0, c1, c2, c3) = ((uint)counterLow, (uint)(counterLow >> 32), (uint)counterHigh, (uint)(counterHigh >> 32));
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < 10; round++)
        {
            var product0 = 0xD2511F53UL * c0;
            var product1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            unchecked
            {
                k0 += 0x9E3779B9;
                k1 += 0xBB67AE85;
            }
        }

        return (c0, c1, c2, c3);
    }
}
