using DftNative.Losses;

namespace DftNative.Tests.Losses;

/// <summary>w as a function of log p, to fp32's digits.</summary>
public sealed class TokenWeightingTests
{
    [Test]
    public void FocalKeepsItsDigitsWhereTheTargetIsAlmostCertain([Values(0.3f, 1f, 2f, 5f)] float gamma)
    {
        for (var logProbability = -1f; logProbability < -1e-7f; logProbability *= 0.7f)
        {
            // 1 − e^x by its series, which fp64 sums without loss.
            double x = logProbability, others = 0, term = 1;
            for (var n = 1; n < 30; n++) others -= term *= x / n;
            // 1 − p is rounded to fp32 once, and so is w.
            var expected = Math.Pow(others, gamma);
            Assert.That(TokenWeighting.Focal(gamma).Evaluate(logProbability), Is.EqualTo(expected).Within((gamma + 2) * Math.ScaleB(expected, -24)), $"{logProbability}");
        }
    }

    [Test]
    public void TheEndsAreExact([Values(0.25f, 1f, 3f)] float gamma)
    {
        Assert.That(TokenWeighting.Focal(gamma).Evaluate(0), Is.Zero);
        Assert.That(TokenWeighting.Focal(gamma).Evaluate(float.NegativeInfinity), Is.EqualTo(1));
        Assert.That(TokenWeighting.Focal(0), Is.EqualTo(TokenWeighting.Sft));
        Assert.That(TokenWeighting.Focal(gamma).Evaluate(float.NaN), Is.NaN);
    }

    [TestCase(LossType.Sft, true)]
    [TestCase(LossType.Dft, true)]
    [TestCase(LossType.Focal, true)]
    [TestCase(LossType.Eaft, false)]
    [TestCase(LossType.Asft, false)]
    public void WhatAKernelOfProbabilitiesCanDo(LossType lossType, bool expected)
    {
        Assert.That(new TokenLossOptions { LossType = lossType }.Weighting.IsFunctionOfProbability, Is.EqualTo(expected));
        Assert.That(new TokenLossOptions { DftGranularity = DftGranularity.Sentence }.Weighting.IsFunctionOfProbability, Is.False);
        Assert.That(new TokenLossOptions { LossType = LossType.Asft, AsftAlpha = 0 }.Weighting, Is.EqualTo(TokenWeighting.Dft));
    }
}
