namespace DftNative.Demo;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers from a seed with every version of .NET.</summary>
internal struct SplitMix64
{
    private ulong state;

    /// <summary>Starts at <paramref name="seed"/>.</summary>
    public SplitMix64(ulong seed) => state = seed;

    /// <summary>One of several streams of a seed.</summary>
    public SplitMix64(ulong seed, ulong stream) => state = new SplitMix64(seed ^ new SplitMix64(stream).Next()).Next();

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>An integer in [0, <paramref name="limit"/>), with a bias below limit·2⁻⁶⁴.</summary>
    public int Next(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
