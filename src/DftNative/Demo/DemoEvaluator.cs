using DftNative.Backends;
using DftNative.Data;
using DftNative.Generation;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Demo;

/// <summary>Lets the model solve problems, and measures how likely it finds their right solutions.</summary>
internal sealed class DemoEvaluator : IDisposable
{
    /// <summary>Sequences sampled at once: as many rows as a GEMM needs to be fast.</summary>
    private const int Slots = 128;

    private readonly Transformer transformer;
    private readonly DemoRows rows;
    private readonly SequenceGenerator generator;
    private readonly IReadOnlyList<DemoProblem> problems;
    private readonly int[][] prompts;
    private readonly TrainingRow[] solutions;
    private readonly int rowLength;
    private readonly ulong seed;

    /// <summary>An evaluator of one model on some problems.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">The model; not owned. Its parameters may change between evaluations.</param>
    /// <param name="rows">The model's view of problems.</param>
    /// <param name="problems">What is asked.</param>
    /// <param name="rowLength">The most tokens of a prompt and its answer, the end of text included.</param>
    /// <param name="seed">Of the sampling.</param>
    public DemoEvaluator(IBackend backend, Transformer transformer, DemoRows rows, IReadOnlyList<DemoProblem> problems, int rowLength, ulong seed)
    {
        (this.transformer, this.rows, this.problems, this.rowLength, this.seed) = (transformer, rows, problems, rowLength, seed);
        generator = new SequenceGenerator(backend, transformer, Math.Min(Math.Min(Slots, problems.Count), transformer.MaxTokens), rowLength);
        prompts = [.. problems.Select(problem => rows.EncodePrompt(problem.Prompt))];
        solutions = [.. problems.Select(problem => rows.CreateRow(problem.Prompt, problem.Solution))];
    }

    /// <summary>The number of problems.</summary>
    public int ProblemCount => problems.Count;

    /// <summary>A solution of each of the first problems, in their order.</summary>
    /// <param name="count">How many problems.</param>
    /// <param name="temperature">0: greedily.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public string[] Solve(int count, double temperature, CancellationToken cancellation)
    {
        var options = new GenerationOptions
        {
            Temperature = temperature,
            MaxNewTokens = rowLength,
            Seed = seed,
            StopTokenIds = transformer.Configuration.EosTokenIds,
        };
        var generated = generator.Generate(prompts[..count], options, cancellation);

        // A solution that did not end was cut off somewhere, and might look right by chance.
        return [.. generated.Select(sequence => sequence.Stopped ? rows.Decode(sequence.Tokens) : "")];
    }

    /// <summary>Which of these solutions of the first problems are right.</summary>
    public bool[] Judge(IReadOnlyList<string> answers) => [.. answers.Select((answer, i) => problems[i].IsCorrect(answer))];

    /// <summary>How many of these solutions of the first problems are right.</summary>
    public int CountCorrect(IReadOnlyList<string> answers) => Judge(answers).Count(isCorrect => isCorrect);

    /// <summary>Statistics of the right solutions of the first problems under the model.</summary>
    public TokenLossStatistics Score(int count) =>
        Evaluator.Run(transformer, solutions[..count], new TokenLossOptions { LossType = LossType.Sft }, packing: true);

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();
}
