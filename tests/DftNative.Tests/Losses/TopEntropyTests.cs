using DftNative.Backends.Cpu;

namespace DftNative.Tests.Losses;

/// <summary>The entropy of the likeliest tokens, against its definition in fp64.</summary>
public sealed class TopEntropyTests
{
    [Test]
    public void IsTheDefinition([Values(1, 2, 19, 20, 21, 1000, 4099)] int vocabulary, [Values(2, 3, 20, 64)] int k)
    {
        var random = new Random(vocabulary + k);
        // A quarter of the logits are equal, so that many are tied at the edge.
        float[] logits = [.. Enumerable.Range(0, vocabulary).Select(i => i % 4 == 0 ? 3f : (float)(12 * random.NextDouble()) - 4)];
        Assert.That(Of(logits, k), Is.EqualTo(Definition(logits, k)).Within(1e-12));
    }

    [Test]
    public void ACertainTokenHasNone() => Assert.That(Of([500, 0, -3, 1], 3), Is.EqualTo(0).Within(1e-200));

    [Test]
    public void EqualTokensHaveTheLogarithmOfTheirNumber() => Assert.That(Of([2, -90, 2, 2, 2], 20), Is.EqualTo(Math.Log(4)).Within(1e-15));

    [Test]
    public void ImpossibleTokensAddNothing() => Assert.That(Of([1, float.NegativeInfinity, 1, float.NegativeInfinity], 4), Is.EqualTo(Math.Log(2)).Within(1e-15));

    private static unsafe double Of(float[] logits, int k)
    {
        var scratch = new float[k];
        fixed (float* values = logits, largest = scratch) return TopEntropy.Of(values, logits.Length, k, largest);
    }

    private static double Definition(float[] logits, int k)
    {
        var powers = logits.OrderDescending().Take(k).Select(logit => Math.Exp(logit)).ToArray();
        return -powers.Sum(power => power / powers.Sum() * Math.Log(power / powers.Sum()));
    }
}
