using DftNative.Backends.Cpu;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Reference;
using DftNative.Tests.Models;

namespace DftNative.Tests.Generation;

public sealed class SequenceGeneratorTests
{
    private static readonly int[][] Prompts = [[5, 9, 11], [7], [4, 4, 4, 4, 30, 31, 32], [60, 59], [8, 21, 3, 40]];

    [Test]
    public void GreedyWithTheCacheEqualsTheReferenceWithoutOne([Values] ModelArchitecture architecture)
    {
        var configuration = SmallModel.Configuration(architecture);
        var parameters = SmallModel.Parameters(new ParameterLayout(configuration));
        var generated = Generate(configuration, slots: 2, maxTokens: 8, new GenerationOptions { Temperature = 0, MaxNewTokens = 12 });
        var reference = new ReferenceTransformer(configuration, parameters.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, value => (double)value)));
        for (var i = 0; i < Prompts.Length; i++)
        {
            var ids = Prompts[i].ToList();
            for (var step = 0; step < 12; step++)
            {
                var logits = reference.Logits([.. ids]).AsSpan(^configuration.VocabularySize);
                ids.Add(logits.IndexOf(logits.ToArray().Max()));
            }

            Assert.That(generated[i].Tokens, Is.EqualTo(ids.Skip(Prompts[i].Length)), $"prompt {i}");
        }
    }

    [Test]
    public void SamplesDependOnTheSeedAndNotOnTheBatch()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2);
        var options = new GenerationOptions { MaxNewTokens = 20, Seed = 3 };
        var alone = Generate(configuration, slots: 1, maxTokens: 64, options);
        var together = Generate(configuration, slots: 5, maxTokens: 64, options);
        var other = Generate(configuration, slots: 5, maxTokens: 64, options with { Seed = 4 });
        Assert.Multiple(() =>
        {
            Assert.That(together.Select(sequence => sequence.Tokens), Is.EqualTo(alone.Select(sequence => sequence.Tokens)));
            Assert.That(other.Select(sequence => sequence.Tokens), Is.Not.EqualTo(alone.Select(sequence => sequence.Tokens)));
        });
    }

    [Test]
    public void AStopTokenEndsASequenceAndIsPartOfIt()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        var free = Generate(configuration, slots: 3, maxTokens: 64, new GenerationOptions { Temperature = 0, MaxNewTokens = 10 });
        var stop = free[0].Tokens[4];
        var stopped = Generate(configuration, slots: 3, maxTokens: 64, new GenerationOptions { Temperature = 0, MaxNewTokens = 10, StopTokenIds = [stop] });
        Assert.Multiple(() =>
        {
            Assert.That(stopped[0].Stopped);
            Assert.That(stopped[0].Tokens, Is.EqualTo(free[0].Tokens.Take(Array.IndexOf(free[0].Tokens, stop) + 1)));
            Assert.That(free.Select(sequence => sequence.Stopped), Is.All.False);
        });
    }

    [Test]
    public void FrequenciesFollowTheSoftmax()
    {
        float[] logits = [0, 1, -1, 2, float.NegativeInfinity];
        const int Draws = 40000;
        const double Temperature = 0.7;
        var counts = new int[logits.Length];
        for (ulong i = 0; i < Draws; i++) counts[TokenSampler.Sample(logits, Temperature, CounterRandom.Uniform(11, i))]++;
        var weights = logits.Select(logit => Math.Exp(logit / Temperature)).ToArray();
        for (var token = 0; token < logits.Length; token++)
        {
            var expected = weights[token] / weights.Sum();

            // Five standard errors: one false alarm in a million.
            Assert.That(counts[token] / (double)Draws, Is.EqualTo(expected).Within(5 * Math.Sqrt(expected * (1 - expected) / Draws)));
        }
    }

    [Test]
    public void PhiloxGivesItsAuthorsKnownAnswers()
    {
        // Random123's known-answer vectors for philox4x32-10.
        Assert.Multiple(() =>
        {
            Assert.That(CounterRandom.Philox(0, 0, 0), Is.EqualTo((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)));
            Assert.That(CounterRandom.Philox(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue), Is.EqualTo((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)));
            Assert.That(
                CounterRandom.Philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e), Is.EqualTo((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)));
        });
    }

    private static GeneratedSequence[] Generate(ModelConfiguration configuration, int slots, int maxTokens, GenerationOptions options)
    {
        using var backend = new CpuBackend();
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(maxTokens) { MaxPositions = 64 });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        using var generator = new SequenceGenerator(backend, transformer, slots, 64);
        return generator.Generate(Prompts, options);
    }
}
