namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// The butterflies of reduction.cuh. PTX ISA, shfl.sync.bfly: a lane gets the value of the lane whose number is its own
/// xor the distance. fp32 additions are IEEE 754's, so the order of the distances, from half the group down to 1, fixes
/// every bit. A maximum is the other operand where one is NaN (PTX ISA, max).
/// </summary>
internal static class WarpReductionVectors
{
    private const int Lanes = 32;
    private const string Butterfly = "shfl.sync.bfly.b32";

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        var random = new Random(32);
        float[] ruler = [.. Enumerable.Range(0, Lanes).Select(lane => MathF.Pow(2, lane % 24))];
        // Sums that are not exact: another order gives other bits.
        float[] rough = [.. Enumerable.Range(0, Lanes).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(-8, 9)))];
        float[] negative = [.. Enumerable.Range(0, Lanes).Select(lane => -1f - ((lane * 11) % Lanes))];
        float[] holes = [.. negative.Select((value, lane) => lane % 3 == 1 ? float.NegativeInfinity : value)];
        float[] notNumbers = [.. rough.Select((value, lane) => lane is 5 or 6 or 20 ? float.NaN : value)];
        // One lane alone, the last, is above 64.
        float[] single = [.. Enumerable.Range(0, Lanes).Select(lane => lane == Lanes - 1 ? 65f : 64f)];
        float[][] inputs = [ruler, rough, negative, holes, notNumbers, single];

        List<SelfTestCheck> checks =
        [
            Check("warp_sum", Lanes, Add), Check("warp_max", Lanes, Maximum), Check("warp_reduce<Maximum, 4>", 4, Maximum),
            Check("warp_reduce<Sum, 4>", 4, Add), Check("warp_reduce<Sum, 8>", 8, Add), Check("warp_reduce<Sum, 16>", 16, Add),
        ];
        for (var width = 1; width <= Lanes; width *= 2) checks.Add(Check($"warp_group_sum of {width}", width, Add));
        checks.Add(new SelfTestCheck(
            "warp_any", "vote.sync.any.pred", [.. inputs.SelectMany(input => Any(input, value => value > 64)).Select(word => ExpectedWord.Exactly(word))]));
        return new SelfTestLaunch(
            SelfTestKernels.WarpReductions, [.. inputs.SelectMany(input => input.Select(BitConverter.SingleToUInt32Bits))], 0, checks);

        SelfTestCheck Check(string wrapper, int lanes, Func<float, float, float> combine) => new(
            wrapper, Butterfly, [.. inputs.SelectMany(input => Reduce(input, lanes, combine)).Select(ExpectedWord.Exactly)]);
    }

    private static float[] Reduce(float[] values, int lanes, Func<float, float, float> combine)
    {
        for (var distance = lanes / 2; distance > 0; distance /= 2)
        {
            var before = values;
            values = [.. before.Select((value, lane) => combine(value, before[lane ^ distance]))];
        }

        return values;
    }

    private static uint[] Any(float[] values, Predicate<float> predicate) =>
        [.. Enumerable.Repeat(Array.Exists(values, predicate) ? 1u : 0u, Lanes)];

    private static float Add(float a, float b) => a + b;

    private static float Maximum(float a, float b) => float.IsNaN(a) ? b : float.IsNaN(b) ? a : MathF.Max(a, b);
}
