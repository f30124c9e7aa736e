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
        var counts = Count(logits, new GenerationOptions { Temperature = Temperature }, Draws);
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
            var options = new GenerationOptions { TopP = topP, TopK = topK, MinP = minP, Temperature = 0.8 };
            var expected = Expected(logits, options);
            var sampler = new TokenSampler(options, vocabulary);
            var sum = 0.0;
            foreach (var token in expected.Keys.Order())
            {
                // In the middle of a token's share, where a rounding of 1e-7 of the sums does not matter.
                Assert.That(sampler.Draw([.. logits], [], sum + (expected[token] / 2)).Token, Is.EqualTo(token), $"{expected.Count} kept");
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
        var sampler = new TokenSampler(options, 4);
        foreach (var uniform in (double[])[0, 0.5, Math.BitDecrement(1.0)])
        {
            var drawn = sampler.Draw([1, 3, 2.9999f, float.NegativeInfinity], [], uniform);
            Assert.That((drawn.Token, float.IsFinite(drawn.LogProbability)), Is.EqualTo((1, true)));
        }
    }

    [Test]
    public void ARepetitionPenaltyMakesEarlierTokensLessProbable()
    {
        float[] logits = [2, 1.9f, -1, -1.2f];
        var sampler = new TokenSampler(new GenerationOptions { Temperature = 0, RepetitionPenalty = 1.5, KeepsLogProbabilities = true }, 4);
        var free = sampler.Draw([.. logits], [], 0);
        var penalized = sampler.Draw([.. logits], new HashSet<int> { 0, 2 }, 0);
        var all = sampler.Draw([-1, -1.2f, -3, -3], new HashSet<int> { 0 }, 0);
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
        // 2,999 tokens without a weight behind one: the last block's sum along its tokens may be less than the block's sum.
        var logits = Enumerable.Repeat(float.NegativeInfinity, 3000).ToArray();
        for (var token = 0; token < 300; token++) logits[token] = token * 0.01f;
        var sampler = new TokenSampler(new GenerationOptions(), logits.Length);
        foreach (var uniform in (double[])[0, 0.5, 1 - 1e-12, Math.BitDecrement(1.0)])
            Assert.That(sampler.Draw([.. logits], [], uniform).Token, Is.LessThan(300));
    }

    [Test]
    public void LogitsThatAreNotFiniteAreAnError([Values(float.NaN, float.PositiveInfinity)] float value)
    {
        var sampler = new TokenSampler(new GenerationOptions(), 3);
        Assert.Throws<DftNativeException>(() => sampler.Draw([0, value, 0], [], 0));
        Assert.Throws<DftNativeException>(() => sampler.Draw([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], [], 0));
    }

    [Test]
    public void ValuesOutOfRangeAreNamed()
    {
        (GenerationOptions, string)[] wrong =
        [
            (new() { Temperature = -1 }, "temperature"), (new() { Temperature = double.NaN }, "temperature"), (new() { TopP = 0 }, "top_p"), (new() { TopP = 1.1 }, "top_p"),
            (new() { TopK = -1 }, "top_k"), (new() { MinP = -0.1 }, "min_p"), (new() { RepetitionPenalty = 0 }, "repetition_penalty"), (new() { MaxNewTokens = 0 }, "max_new_tokens"),
            (new() { StopStrings = [""] }, "stop"),
        ];
        foreach (var (options, name) in wrong)
            Assert.That(Assert.Throws<DftNativeException>(options.Validate)!.Message, Does.StartWith(name + ":"));
        Assert.DoesNotThrow(new GenerationOptions().Validate);
    }

    private static int[] Count(float[] logits, GenerationOptions options, int draws)
    {
        var counts = new int[logits.Length];
        var sampler = new TokenSampler(options, logits.Length);
        for (ulong i = 0; i < (ulong)draws; i++) counts[sampler.Draw([.. logits], [], CounterRandom.Uniform(11, i)).Token]++;
        return counts;
    }

    /// <summary>Each kept token's share, the plain way: top-k, top-p of what is left, min-p of what is left.</summary>
    private static Dictionary<int, double> Expected(float[] logits, GenerationOptions options)
    {
        var max = logits.Max();

        // As the sampler has them, so that equals are equals.
        var kept = logits.Select((logit, token) => (Token: token, Weight: (double)MathF.Exp((logit - max) * (float)(1 / options.Temperature))))
            .OrderByDescending(pair => logits[pair.Token]).ThenBy(pair => pair.Token).ToList();
        if (options.TopK > 0) kept = [.. kept.Take(options.TopK)];
        var (total, sum) = (kept.Sum(pair => pair.Weight), 0.0);
        if (options.TopP < 1)
        {
            var count = 0;
            while (count < kept.Count && sum < options.TopP * total) sum += kept[count++].Weight;
            kept = [.. kept.Take(count)];
        }

        kept = [.. kept.Where(pair => pair.Weight >= options.MinP)];
        total = kept.Sum(pair => pair.Weight);
        return kept.ToDictionary(pair => pair.Token, pair => pair.Weight / total);
    }
}
