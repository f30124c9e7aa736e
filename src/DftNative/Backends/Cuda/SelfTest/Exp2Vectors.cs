namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// exp2_approximate. PTX ISA, ex2: −∞ gives +0, zeros and (with .ftz) subnormal numbers give 1, +∞ gives +∞, NaN gives NaN;
/// subnormal results become +0; else the relative error is at most 2^-22 (2 ulp).
/// </summary>
internal static class Exp2Vectors
{
    private static readonly double RelativeError = Math.Pow(2, -22);

    private static readonly (float X, ExpectedWord Expected)[] Special =
    [
        (float.NegativeInfinity, ExpectedWord.Exactly(0f)),
        (float.PositiveInfinity, ExpectedWord.Exactly(float.PositiveInfinity)),
        (float.NaN, ExpectedWord.NotANumber),
        (0f, ExpectedWord.Exactly(1f)),
        (-0f, ExpectedWord.Exactly(1f)),
        (float.Epsilon, ExpectedWord.Exactly(1f)),
        (-float.Epsilon, ExpectedWord.Exactly(1f)),
        (128f, ExpectedWord.Exactly(float.PositiveInfinity)),
        (1e30f, ExpectedWord.Exactly(float.PositiveInfinity)),
        (-127f, ExpectedWord.Exactly(0f)),
        (-140.5f, ExpectedWord.Exactly(0f)),
        (-200f, ExpectedWord.Exactly(0f)),
        (float.MinValue, ExpectedWord.Exactly(0f)),
    ];

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        List<(float X, ExpectedWord Expected)> vectors = [.. Special];
        // Down to the smallest normal result and up to the largest; between powers of two, and close to 0.
        for (var x = -126; x <= 127; x++) vectors.Add(Near(x));
        for (var x = -125.97f; x < 127; x += 1.37f) vectors.Add(Near(x));
        for (var x = 1f; x > 1e-9f; x /= 3) vectors.AddRange([Near(x), Near(-x)]);
        return new SelfTestLaunch(
            SelfTestKernels.Exp2Approximate, [.. vectors.Select(vector => BitConverter.SingleToUInt32Bits(vector.X))], 0,
            [new SelfTestCheck("exp2_approximate", "ex2.approx.ftz.f32", [.. vectors.Select(vector => vector.Expected)])]);
    }

    private static (float X, ExpectedWord Expected) Near(float x)
    {
        var exact = Math.Pow(2, x);
        return (x, ExpectedWord.Near(exact, exact * RelativeError));
    }
}
