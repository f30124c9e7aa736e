using System.Runtime.Intrinsics;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Generation;

namespace DftNative.Tests.Generation;

public sealed class TokenSamplerTests
{
    [Test]
    public void FrequenciesFollowTheSoftmax()
    {
        float[] logits = [0, 1, -1, 2, float.NegativeInfinity];
        const int Draws = 40000;
        const double Temperature = 0.7;
        var counts = Count(logits, new TokenSampling { Temperature = Temperature }, Draws);
        var weights = logits.Select(logit => Math.Exp(logit / Temperature)).ToArray();
        for (var token = 0; token < logits.Length; token++)
        {
            var expected = weights[token] / weights.Sum();

            // Five standard errors: one false alarm in a million.
            Assert.That(counts[token] / (double)Draws, Is.EqualTo(expected).Within(5 * Math.Sqrt(expected * (1 - expected) / Draws)));
        }
    }

    /// <summary>Whatever the filters, the tokens that can be drawn and their shares are those of the definitions, computed by sorting.</summary>
    [Test]
    public void FiltersKeepWhatTheirDefinitionsSay(
        [Values(1, 0.9, 0.5, 1e-9)] double topP, [Values(0, 1, 5, 40, 5000)] int topK, [Values(0, 0.05, 1)] double minP, [Values(7, 3000)] int vocabulary)
    {
        var random = new Random(vocabulary + topK);
        for (var repeat = 0; repeat < 3; repeat++)
        {
            // Rounded logits have equals among them, at every border.
            var logits = Enumerable.Range(0, vocabulary).Select(_ => repeat == 2 ? 0 : MathF.Round((float)(6 * random.NextDouble()), repeat == 0 ? 1 : 5)).ToArray();
            var options = new TokenSampling { TopP = topP, TopK = topK, MinP = minP, Temperature = 0.8 };
            var expected = Expected(logits, options);
            var sampler = new TokenSampler();
            var sum = 0.0;
            foreach (var token in expected.Keys.Order())
            {
                // In the middle of a token's share, where a rounding of 1e-7 of the sums does not matter.
                Assert.That(sampler.Draw(logits, options, [], Bits(sum + (expected[token] / 2))).Token, Is.EqualTo(token), $"{expected.Count} kept");
                sum += expected[token];
            }

            Assert.That(sum, Is.EqualTo(1).Within(1e-9));
        }
    }

    /// <summary>Their reciprocals are beyond fp32, and that of the last beyond fp64.</summary>
    [Test]
    public void TemperaturesNextToZeroChooseTheLargestLogit([Values(1e-30, 1e-39, 1e-300, double.Epsilon)] double temperature, [Values(1, 0.9)] double topP)
    {
        var options = new GenerationOptions { Temperature = temperature, TopP = topP, KeepsLogProbabilities = true };
        options.Validate();
        var sampler = new TokenSampler();
        foreach (var random in (ulong[])[0, 1UL << 63, ulong.MaxValue])
        {
            var drawn = sampler.Draw([1, 3, 2.9999f, float.NegativeInfinity], options, [], random).ToDrawnToken();
            Assert.That((drawn.Token, float.IsFinite(drawn.LogProbability)), Is.EqualTo((1, true)));
        }
    }

    [Test]
    public void ARepetitionPenaltyMakesEarlierTokensLessProbable()
    {
        float[] logits = [2, 1.9f, -1, -1.2f];
        var options = new TokenSampling { Temperature = 0, RepetitionPenalty = 1.5, KeepsLogProbabilities = true };
        var sampler = new TokenSampler();
        var free = sampler.Draw(logits, options, [], 0).ToDrawnToken();
        var penalized = sampler.Draw(logits, options, [0, 2], 0).ToDrawnToken();
        var all = sampler.Draw([-1, -1.2f, -3, -3], options, [0], 0);
        var logSumExp = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        Assert.Multiple(() =>
        {
            Assert.That(free.Token, Is.Zero);
            Assert.That(penalized.Token, Is.EqualTo(1));
            Assert.That(all.Token, Is.EqualTo(1), "−1 becomes −1.5");
            Assert.That(free.LogProbability, Is.EqualTo(2 - logSumExp).Within(1e-6));
            Assert.That(penalized.LogProbability, Is.EqualTo(1.9 - logSumExp).Within(1e-6));
        });
    }

    [Test]
    public void EveryUniformNumberGivesATokenWithAWeight()
    {
        var logits = Enumerable.Repeat(float.NegativeInfinity, 3000).ToArray();
        for (var token = 0; token < 300; token++) logits[token] = token * 0.01f;
        var sampler = new TokenSampler();
        foreach (var random in (ulong[])[0, 1, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue])
            Assert.That(sampler.Draw(logits, new TokenSampling(), [], random).Token, Is.LessThan(300));
    }

    [Test]
    public void LogitsThatAreNotFiniteAreAnError([Values(float.NaN, float.PositiveInfinity)] float value)
    {
        var sampler = new TokenSampler();
        Assert.Throws<DftNativeException>(() => sampler.Draw([0, value, 0], new TokenSampling(), [], 0).ToDrawnToken());
        Assert.Throws<DftNativeException>(() => sampler.Draw([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], new TokenSampling(), [], 0).ToDrawnToken());
    }

    [Test]
    public void ValuesOutOfRangeAreNamed()
    {
        (GenerationOptions, string)[] wrong =
        [
            (new() { Temperature = -1 }, "temperature"), (new() { Temperature = double.NaN }, "temperature"), (new() { TopP = 0 }, "top_p"), (new() { TopP = 1.1 }, "top_p"),
            (new() { TopK = -1 }, "top_k"), (new() { MinP = -0.1 }, "min_p"), (new() { RepetitionPenalty = 0.009 }, "repetition_penalty"), (new() { RepetitionPenalty = -1 }, "repetition_penalty"), (new() { RepetitionPenalty = double.NaN }, "repetition_penalty"), (new() { RepetitionPenalty = double.PositiveInfinity }, "repetition_penalty"), (new() { MaxNewTokens = 0 }, "max_new_tokens"),
            (new() { StopStrings = [""] }, "stop"),
        ];
        foreach (var (options, name) in wrong)
            Assert.That(Assert.Throws<DftNativeException>(options.Validate)!.Message, Does.StartWith(name + ":"));
        Assert.DoesNotThrow(new GenerationOptions { RepetitionPenalty = 0.01 }.Validate);
        Assert.DoesNotThrow(new GenerationOptions { RepetitionPenalty = 100 }.Validate);
    }

    private static ulong Bits(double uniform) => (ulong)Math.ScaleB(uniform, 64);

    private static int[] Count(float[] logits, TokenSampling options, int draws)
    {
        var counts = new int[logits.Length];
        var sampler = new TokenSampler();
        for (ulong i = 0; i < (ulong)draws; i++) counts[sampler.Draw(logits, options, [], CounterRandom.Bits(11, i)).Token]++;
        return counts;
    }

    /// <summary>Each kept token's share, the plain way: top-k, top-p of what is left, min-p of what is left; equals of the last that is kept are kept.</summary>
    private static Dictionary<int, double> Expected(float[] logits, TokenSampling options)
    {
        var max = logits.Max();

        // As the sampler has them, so that equals are equals.
        var kept = logits.Select((logit, token) => (Token: token, Weight: (double)Weight((logit - max) * (float)(1 / options.Temperature))))
            .OrderByDescending(pair => pair.Weight).ToList();
        if (options.TopK > 0 && options.TopK < kept.Count) kept = [.. kept.TakeWhile(pair => pair.Weight >= kept[options.TopK - 1].Weight)];
        var (total, sum) = (kept.Sum(pair => pair.Weight), 0.0);
        if (options.TopP < 1)
        {
            var count = 0;
            while (count < kept.Count && sum < options.TopP * total) sum += kept[count++].Weight;
            kept = [.. kept.TakeWhile(pair => pair.Weight >= kept[count - 1].Weight)];
        }

        kept = [.. kept.Where(pair => pair.Weight >= options.MinP)];
        total = kept.Sum(pair => pair.Weight);
        return kept.ToDictionary(pair => pair.Token, pair => pair.Weight / total);

        static float Weight(float x) => TokenWeight.Of(Vector512.Create(x), Vector512<float>.Zero, Vector512<float>.One)[0];
    }
}
