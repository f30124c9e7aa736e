namespace DftNative.Demo;

/// <summary>One of the many independent streams of a seed, drawn from in order.</summary>
/// <param name="seed">The seed.</param>
/// <param name="stream">Which stream.</param>
internal struct RandomStream(ulong seed, ulong stream)
{
    private ulong position;

    /// <summary>An integer in [0, <paramref name="limit"/>), with a bias below limit·2⁻⁶⁴.</summary>
    public int Next(int limit) => (int)Math.BigMul(CounterRandom.Bits(seed, position++, stream), (ulong)limit, out _);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => CounterRandom.Uniform(seed, position++, stream);
}
