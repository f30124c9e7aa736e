using DftNative.Generation;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>Samples answers to problems and grades them. What is sampled for a problem does not depend on the problems beside it.</summary>
/// <param name="generator">Has a tokenizer; not owned.</param>
/// <param name="options">How, with what ends an answer.</param>
/// <param name="sampleCount">Samples a problem.</param>
/// <param name="contextLength">The model's most tokens of a sequence. The generator has room for every prompt that is shorter.</param>
public sealed class BenchmarkRunner(SequenceGenerator generator, GenerationOptions options, int sampleCount, int contextLength)
{
    /// <summary>Samples for each problem. One that cannot be put to the model is told of as such, and the others go on.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="observer">Told of samples and problems, in the order in which they end.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="DftNativeException">The logits are not finite.</exception>
    public void Run(IReadOnlyList<BenchmarkRequest> problems, IBenchmarkObserver observer, CancellationToken cancellation = default)
    {
        var requests = new List<GenerationRequest>();
        var askable = new List<BenchmarkRequest>();
        foreach (var problem in problems)
        {
            if (problem.FindError(contextLength, generator.VocabularySize) is { } error)
            {
                observer.OnProblem(new ProblemSamples(problem.Benchmark, problem.Number, problem.Problem, []) { Error = error });
                continue;
            }

            askable.Add(problem);
            for (var sample = 0; sample < sampleCount; sample++)
                requests.Add(new GenerationRequest(problem.Prompt, GenerationRequest.StreamOf(problem.Number, sample)));
        }

        generator.Generate(requests, options, new SampleCollector(askable, sampleCount, observer), cancellation);
    }

    private sealed class SampleCollector(IReadOnlyList<BenchmarkRequest> problems, int sampleCount, IBenchmarkObserver observer) : IGenerationObserver
    {
        private readonly Dictionary<int, GradedSample?[]> pending = [];

        public void OnToken(int index, int token, string text) => observer.OnToken();

        public void OnFinished(int index, GeneratedSequence sequence)
        {
            var (place, sample) = (index / sampleCount, index % sampleCount);
            var problem = problems[place];
            if (!pending.TryGetValue(place, out var samples)) pending.Add(place, samples = new GradedSample?[sampleCount]);
            var graded = GradedSample.Grade(sequence, problem.Problem);
            samples[sample] = graded;
            observer.OnSample(graded);
            if (Array.Exists(samples, static other => other is null)) return;
            pending.Remove(place);
            GradedSample[] all = [.. samples.OfType<GradedSample>()];
            observer.OnProblem(new ProblemSamples(problem.Benchmark, problem.Number, problem.Problem, all) { Majority = MajorityVote.Of(all) });
        }
    }
}
