using DftNative.Backends;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Training;

/// <summary>
/// Lets the model that is trained answer problems, and grades it. Every evaluation of a run draws with the same random
/// numbers, so that two differ by the model alone; nothing of the training is touched.
/// </summary>
internal sealed class AnswerEvaluator : IDisposable
{
    private readonly AnswerProblems problems;
    private readonly SequenceGenerator generator;
    private readonly BenchmarkRunner runner;
    private readonly int sampleCount;

    /// <summary>Allocates the cache.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">The model; not owned.</param>
    /// <param name="problems">The problems.</param>
    /// <param name="options">The run.</param>
    public AnswerEvaluator(IBackend backend, Transformer transformer, AnswerProblems problems, TrainingOptions options)
    {
        (this.problems, sampleCount) = (problems, options.EvalGenerateSamples);
        var plan = problems.Demand(options).Plan(transformer.Configuration, backend.ComputeType, transformer.MaxTokens);
        generator = new SequenceGenerator(backend, transformer, plan.Slots, plan.Capacity, problems.Tokenizer);
        var sampling = new GenerationOptions
        {
            MaxNewTokens = options.EvalGenerateMaxNewTokens,
            Seed = (ulong)options.Seed,
            StopTokenIds = problems.StopTokenIds,
            StopStrings = problems.StopStrings,
        };
        runner = new BenchmarkRunner(generator, sampling, sampleCount, plan.Capacity);
    }

    /// <summary>Samples and grades.</summary>
    /// <param name="stop">Ends it within a pass of the model.</param>
    /// <returns>Null: it was stopped; a part of the answers says nothing.</returns>
    public AnswerMetrics? Run(CancellationToken stop)
    {
        var tally = new Tally();
        try
        {
            runner.Run(problems.Problems, tally, stop);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return tally.ToMetrics(sampleCount);
    }

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();

    private sealed class Tally : IBenchmarkObserver
    {
        private int samples, right, cutOff;
        private long tokens;

        public void OnSample(GradedSample sample)
        {
            samples++;
            tokens += sample.TokenCount;
            if (sample.Verdict == SampleVerdict.Right) right++;
            if (!sample.Stopped) cutOff++;
        }

        public void OnProblem(ProblemSamples problem) { }

        public AnswerMetrics ToMetrics(int sampleCount) => new(sampleCount, right / (double)samples, cutOff / (double)samples, tokens / (double)samples);
    }
}
