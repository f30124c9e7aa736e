using DftNative.Backends;
using DftNative.Data;
using DftNative.Generation;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Demo;

/// <summary>Asks the model for facts, and measures how likely it finds their right answers.</summary>
internal sealed class RecallEvaluator : IDisposable
{
    /// <summary>Sequences sampled at once.</summary>
    private const int Slots = 128;

    /// <summary>Tokens of a key, its value and the end of text, with some to spare for an answer that goes on.</summary>
    private const int RowLength = 16;

    private readonly Transformer transformer;
    private readonly DemoRows rows;
    private readonly SequenceGenerator generator;
    private readonly IReadOnlyList<RecallFact> facts;
    private readonly int[][] prompts;
    private readonly TrainingRow[] answers;
    private readonly ulong seed;

    /// <summary>An evaluator of one model on some facts.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">The model; not owned. Its parameters may change between evaluations.</param>
    /// <param name="rows">The model's view of facts.</param>
    /// <param name="facts">Of <see cref="RecallTask.TrainingFacts"/> or <see cref="RecallTask.TestFacts"/>.</param>
    /// <param name="seed">Of the sampling.</param>
    public RecallEvaluator(IBackend backend, Transformer transformer, DemoRows rows, IReadOnlyList<RecallFact> facts, ulong seed)
    {
        (this.transformer, this.rows, this.facts, this.seed) = (transformer, rows, facts, seed);
        generator = new SequenceGenerator(backend, transformer, Math.Min(Slots, transformer.MaxTokens), RowLength);
        prompts = [.. facts.Select(fact => rows.EncodePrompt(fact.Prompt))];
        answers = [.. facts.Select(fact => rows.CreateRow(fact.Prompt, fact.Answer))];
    }

    /// <summary>How many facts the model recalls.</summary>
    /// <param name="temperature">0: greedily.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public int CountCorrect(double temperature, CancellationToken cancellation)
    {
        var options = new GenerationOptions
        {
            Temperature = temperature,
            MaxNewTokens = RowLength,
            Seed = seed,
            StopTokenIds = transformer.Configuration.EosTokenIds,
        };
        var generated = generator.Generate(prompts, options, cancellation: cancellation);
        return generated.Where((sequence, i) => sequence.Stopped && facts[i].IsCorrect(rows.Decode(sequence.Tokens))).Count();
    }

    /// <summary>Statistics of the right answers under the model.</summary>
    public TokenLossStatistics Score() => Evaluator.Run(transformer, answers, new TokenLossOptions { LossType = LossType.Sft }, packing: true);

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();
}
