using DftNative.Backends.Cpu;

namespace DftNative.Tests.Losses;

/// <summary>KL(π_ref ‖ π_θ) and its gradient, against fp64.</summary>
public sealed class DivergenceTests
{
    private const float Scale = 0.3f, DivergenceScale = 0.7f;

    [Test]
    public void ValueAndGradientsEqualFp64([Values(1, 2, 15, 16, 17, 33, 1000)] int vocabulary, [Values(0.01, 3)] double distance)
    {
        var random = new Random(vocabulary);
        float[] logits = [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(20 * random.NextDouble()) - 50)];
        float[] reference = [.. logits.Select(logit => (float)(logit + (distance * (random.NextDouble() - 0.5))))];
        var target = vocabulary / 3;
        var (sum, value, targetPart, gradients) = Run(logits, reference, target);
        var (p, q) = (Softmax(logits), Softmax(reference));

        // Logits are up to 50: their differences, which are of the size of the distance, are exact to 2^-18 of it and to fp32's rounding.
        Assert.Multiple(() =>
        {
            Assert.That(value, Is.EqualTo(q.Zip(p, (reference, share) => reference * Math.Log(reference / share)).Sum()).Within(2e-6));
            Assert.That(sum, Is.EqualTo(logits.Sum(logit => Math.Exp(logit - (double)logits.Max()))).Within(1e-5).Percent);
            Assert.That(targetPart, Is.EqualTo(DivergenceScale * (p[target] - q[target])).Within(2e-7));
            for (var j = 0; j < vocabulary; j++)
                Assert.That(gradients[j], Is.EqualTo((Scale * p[j]) + (DivergenceScale * (p[j] - q[j]))).Within(2e-7), $"{j}");
        });
    }

    [Test]
    public void AModelHasNoDistanceFromItself()
    {
        float[] logits = [.. Enumerable.Range(0, 131).Select(i => (float)Math.Sin(i) * 30)];
        var (_, value, targetPart, gradients) = Run(logits, [.. logits], 77);
        var p = Softmax(logits);
        Assert.That(value, Is.Zero);
        Assert.That(targetPart, Is.Zero);
        for (var j = 0; j < p.Length; j++) Assert.That(gradients[j], Is.EqualTo(Scale * p[j]).Within(1e-6 * p[j]));
    }

    /// <summary>Where the frozen model puts nothing, its distance is nothing, however unlikely the other finds it.</summary>
    [Test]
    public void WhatTheFrozenModelExcludesAddsNothing()
    {
        var (_, value, _, _) = Run([0, 0, float.NegativeInfinity], [0, 0, -300], 0);
        Assert.That(value, Is.Zero);
    }

    [Test]
    public void ANaNIsSeen()
    {
        Assert.That(Run([0, float.NaN, 1], [0, 0, 1], 0).Value, Is.NaN);
        Assert.That(Run([0, 0, 1], [0, float.NaN, 1], 0).Value, Is.NaN);
    }

    private static unsafe (float Sum, float Value, float TargetPart, float[] Gradients) Run(float[] logits, float[] reference, int target)
    {
        float[] powers = [.. logits], referencePowers = [.. reference];
        fixed (float* z = powers, r = referencePowers)
        {
            var divergence = new Divergence(z, r, logits.Length, logits.Max());
            var targetPart = divergence.ReplaceByGradients(Scale, DivergenceScale, target);
            return (divergence.Sum, divergence.Value, targetPart, powers);
        }
    }

    private static double[] Softmax(float[] logits)
    {
        var powers = logits.Select(logit => Math.Exp(logit - (double)logits.Max())).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
