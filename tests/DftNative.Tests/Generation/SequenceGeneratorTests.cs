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
        var reference = Reference(configuration, parameters);
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

    /// <summary>The same request alone, among others, in another slot, and behind a long prompt that is taken in chunks.</summary>
    [Test]
    public void ASampleIsTheSameWhateverRunsBesideIt([Values(1, 3, 4, 5, 17)] int others)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen3);
        using var model = new GenerationModel(configuration, maxTokens: 150, capacity: 128);
        var options = new GenerationOptions { MaxNewTokens = 24, Seed = 9, KeepsLogProbabilities = true, TopP = 0.95 };
        GenerationRequest[] mine = [new([5, 9, 11], 70), new([.. Enumerable.Range(3, 90).Select(i => i % 50)], 71)];
        var alone = mine.Select(request => model.Generate(1, [request], options)[0]).ToArray();
        GenerationRequest[] all = [.. Enumerable.Range(0, others).Select(i => new GenerationRequest([3 + i, 7], (ulong)i)), .. mine];
        var together = model.Generate(others + 1, all, options)[^2..];
        Assert.Multiple(() =>
        {
            Assert.That(together.Select(sequence => sequence.Tokens), Is.EqualTo(alone.Select(sequence => sequence.Tokens)));
            Assert.That(together.Select(sequence => sequence.LogProbabilities), Is.EqualTo(alone.Select(sequence => sequence.LogProbabilities)), "to the bit");
        });
    }

    [Test]
    public void ALongPromptInChunksEqualsOnePass([Values(200, 10)] int maxTokens)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        var options = new GenerationOptions { Temperature = 0, MaxNewTokens = 10, KeepsLogProbabilities = true };
        GenerationRequest[] requests = [new([.. Enumerable.Range(0, 150).Select(i => 3 + (i * i % 50))], 0), new([4, 5], 1)];
        using var whole = new GenerationModel(configuration, maxTokens: 300, capacity: 200);
        using var cut = new GenerationModel(configuration, maxTokens, capacity: 200);
        var (expected, actual) = (whole.Generate(2, requests, options), cut.Generate(2, requests, options));
        Assert.That(actual.Select(sequence => sequence.Tokens), Is.EqualTo(expected.Select(sequence => sequence.Tokens)));

        // Chunks of 64 leave the attention's blocks as they are; others move the last bits.
        var difference = actual[0].LogProbabilities!.Zip(expected[0].LogProbabilities!, (x, y) => Math.Abs(x - y)).Max();
        Assert.That(difference, Is.LessThanOrEqualTo(maxTokens == 200 ? 0 : 1e-4));
    }

    [Test]
    public void LogProbabilitiesAreTheReferencesAndUnfiltered()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2);
        using var model = new GenerationModel(configuration, maxTokens: 32, capacity: 64);
        var options = new GenerationOptions { Temperature = 0.5, TopK = 3, RepetitionPenalty = 1.3, MaxNewTokens = 15, Seed = 5, KeepsLogProbabilities = true };
        var generated = model.Generate(1, [new([5, 9, 11], 0)], options)[0];
        var reference = Reference(configuration, model.Parameters);
        var logits = reference.Logits([5, 9, 11, .. generated.Tokens]);
        for (var i = 0; i < generated.Tokens.Length; i++)
        {
            var row = logits.AsSpan((2 + i) * configuration.VocabularySize, configuration.VocabularySize).ToArray();
            var expected = row[generated.Tokens[i]] - Math.Log(row.Sum(Math.Exp));

            // fp32 through two layers: errors of some 1e-6 of logits of the order of 5.
            Assert.That(generated.LogProbabilities![i], Is.EqualTo(expected).Within(1e-4), $"token {i}");
        }
    }

    /// <summary>
    /// One token for each of 6,000 streams: Pearson's statistic against the reference's p. With 60 degrees of freedom it
    /// is above 125 once in a million draws.
    /// </summary>
    [Test]
    public void TokensAreDrawnWithTheModelsProbabilities()
    {
        const int Draws = 6000;
        const double Temperature = 0.8;
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen3);
        using var model = new GenerationModel(configuration, maxTokens: 256, capacity: 8);
        var sequences = model.Generate(
            64, [.. Enumerable.Range(0, Draws).Select(i => new GenerationRequest([5, 9, 11], (ulong)i))], new GenerationOptions { MaxNewTokens = 1, Temperature = Temperature, Seed = 12 });
        var weights = Reference(configuration, model.Parameters).Logits([5, 9, 11])[^configuration.VocabularySize..].Select(logit => Math.Exp(logit / Temperature)).ToArray();
        var counts = sequences.CountBy(sequence => sequence.Tokens[0]).ToDictionary();
        var statistic = 0.0;
        for (var token = 0; token < weights.Length; token++)
        {
            var expected = Draws * weights[token] / weights.Sum();
            statistic += Math.Pow(counts.GetValueOrDefault(token) - expected, 2) / expected;
        }

        Assert.That(statistic, Is.InRange(20, 125));
    }

    /// <summary>As transformers' RepetitionPenaltyLogitsProcessor: tokens of the prompt and of the answer, each once however often it came.</summary>
    [Test]
    public void ARepetitionPenaltyIsOnPromptAndAnswer()
    {
        const double Penalty = 1.6;
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        using var model = new GenerationModel(configuration, maxTokens: 64, capacity: 64);
        var options = new GenerationOptions { Temperature = 0, MaxNewTokens = 20, RepetitionPenalty = Penalty };
        var generated = model.Generate(2, [.. Prompts.Select((prompt, i) => new GenerationRequest(prompt, (ulong)i))], options);
        var reference = Reference(configuration, model.Parameters);
        Assert.Multiple(() =>
        {
            for (var i = 0; i < Prompts.Length; i++)
            {
                var ids = Prompts[i].ToList();
                for (var step = 0; step < 20; step++)
                {
                    var logits = reference.Logits([.. ids])[^configuration.VocabularySize..];
                    foreach (var token in ids.Distinct()) logits[token] = logits[token] < 0 ? logits[token] * Penalty : logits[token] / Penalty;
                    ids.Add(Array.IndexOf(logits, logits.Max()));
                }

                Assert.That(generated[i].Tokens, Is.EqualTo(ids.Skip(Prompts[i].Length)), $"prompt {i}");
            }
        });
    }

    [Test]
    public void AFinishedSequencesPlaceIsTakenAtOnce()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2);
        using var model = new GenerationModel(configuration, maxTokens: 64, capacity: 64);
        var order = new EventOrder();
        model.Generate(2, [.. Enumerable.Range(0, 4).Select(i => new GenerationRequest([5 + i], (ulong)i))], new GenerationOptions { Temperature = 0, MaxNewTokens = 3, StopTokenIds = [] }, order);

        // Two at a time: the third begins in the pass after the first ended, and not when all have.
        Assert.That(order.Tokens, Is.EqualTo((int[])[0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3]));
        order.Tokens.Clear();
        var free = model.Generate(1, [new([5], 0)], new GenerationOptions { Temperature = 0, MaxNewTokens = 3 })[0].Tokens;
        var stop = new GenerationOptions { Temperature = 0, MaxNewTokens = 3, StopTokenIds = [free[0]] };
        model.Generate(2, [new([5], 0), new([6], 1), new([7], 2)], stop, order);
        Assert.That(order.Tokens.Take(3), Is.EqualTo((int[])[0, 1, 2]), "the first ends at its first token, and the second still runs");
    }

    [Test]
    public void APromptWithoutRoomIsAnError()
    {
        using var model = new GenerationModel(SmallModel.Configuration(ModelArchitecture.Qwen2), maxTokens: 32, capacity: 8);
        var exception = Assert.Throws<DftNativeException>(() => model.Generate(1, [new([1, 2], 0), new([1, 2, 3, 4, 5, 6, 7, 8], 1)], new GenerationOptions()));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(exception.Message, Does.Contain("prompt 2 has 8 tokens").And.Contain("7"));
            Assert.That(model.Generate(1, [new([1, 2, 3, 4, 5, 6, 7], 0)], new GenerationOptions())[0].Tokens, Has.Length.EqualTo(1), "one token fits");
        });
    }

    /// <summary>An embedding that is not there would be read from the tensor behind.</summary>
    [Test]
    public void ATokenBeyondTheVocabularyIsAnErrorBeforeAnythingIsDrawn([Values(0, -1)] int token)
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2);
        if (token == 0) token = configuration.VocabularySize;
        using var model = new GenerationModel(configuration, maxTokens: 32, capacity: 8);
        var order = new EventOrder();
        var exception = Assert.Throws<DftNativeException>(() => model.Generate(1, [new([1], 0), new([2, token, 3], 1)], new GenerationOptions { RepetitionPenalty = 1.1 }, order));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(exception.Message, Does.StartWith($"prompt 2 has token {token}, and the model's are 0 to {configuration.VocabularySize - 1}"));
            Assert.That(order.Tokens, Is.Empty);
        });
    }

    /// <summary>What is behind a chunk within a prompt may be anything: nothing is drawn from it, in passes that others decode in.</summary>
    [Test]
    public void NothingIsDrawnWithinAPrompt([Values] bool isPadded)
    {
        const int capacity = 128;
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        using var backend = new AlteredBackend { PadsMicroBatches = isPadded };
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(67) { MaxPositions = capacity });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        using var generator = new SequenceGenerator(backend, transformer, slots: 3, capacity);
        int[] longPrompt = [.. Enumerable.Range(0, 100).Select(i => 3 + (i * i % 50))];
        var sequences = generator.Generate([longPrompt, [4, 5], [6], longPrompt, longPrompt], new GenerationOptions { Temperature = 0, MaxNewTokens = 6 });
        Assert.Multiple(() =>
        {
            Assert.That(backend.SampledRowCount, Is.EqualTo(sequences.Sum(sequence => sequence.Tokens.Length)));
            Assert.That(sequences[3].Tokens, Is.EqualTo(sequences[0].Tokens));
            Assert.That(sequences[4].Tokens, Is.EqualTo(sequences[0].Tokens));
        });
    }

    [Test]
    public void WeightsThatAreNotNumbersEndWithTheirExitCode([Values(1, 6)] int slots)
    {
        using var model = new GenerationModel(SmallModel.Configuration(ModelArchitecture.Qwen2), maxTokens: 32, capacity: 8);
        model.Poison();
        var exception = Assert.Throws<DftNativeException>(() => model.Generate(slots, [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest([1 + i], (ulong)i))], new GenerationOptions()));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.NonFinite));
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

    private static ReferenceTransformer Reference(ModelConfiguration configuration, Dictionary<string, float[]> parameters) =>
        new(configuration, parameters.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, value => (double)value)));

    private static GeneratedSequence[] Generate(ModelConfiguration configuration, int slots, int maxTokens, GenerationOptions options)
    {
        using var model = new GenerationModel(configuration, maxTokens, capacity: 64);
        return model.Generate(slots, [.. Prompts.Select((prompt, i) => new GenerationRequest(prompt, (ulong)i))], options);
    }

    /// <summary>The sequences in the order in which their tokens came.</summary>
    private sealed class EventOrder : IGenerationObserver
    {
        public List<int> Tokens { get; } = [];

        public void OnToken(int index, int token, string text) => Tokens.Add(index);

        public void OnFinished(int index, GeneratedSequence sequence)
        {
        }
    }
}
