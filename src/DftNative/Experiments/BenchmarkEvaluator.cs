using System.Globalization;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Tokenizers;

namespace DftNative.Experiments;

/// <summary>Measures models by mathematical benchmarks, as <c>eval</c> does: answers sampled at temperature 1 and graded.</summary>
public sealed class BenchmarkEvaluator : IExperimentEvaluator
{
    private readonly BenchmarkSettings settings;
    private readonly string? chatTemplate;
    private readonly Benchmark[] benchmarks;

    /// <summary>Reads the problems.</summary>
    /// <param name="settings">Which, and how.</param>
    /// <param name="chatTemplate">For <see cref="PromptStyle.Chat"/>: a template's name or file; null: the model's own.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: a file is missing or bad.</exception>
    public BenchmarkEvaluator(BenchmarkSettings settings, string? chatTemplate = null)
    {
        (this.settings, this.chatTemplate) = (settings, chatTemplate);
        string[] named = [.. settings.Benchmarks.Where(BenchmarkCatalog.Names.Contains)];
        BenchmarkNames.RequireOnce(named);
        string[] files = [.. settings.Benchmarks.Where(static name => !BenchmarkCatalog.Names.Contains(name))];
        var names = files.Zip(BenchmarkNames.Choose(files, named)).ToDictionary(StringComparer.Ordinal);
        benchmarks = [.. settings.Benchmarks.Select(benchmark => (names.TryGetValue(benchmark, out var name)
            ? BenchmarkReader.Read(name, benchmark)
            : BenchmarkReader.Read(benchmark, BenchmarkCatalog.Locate(benchmark, settings.Folder))).Limit(settings.Limit ?? 0))];
    }

    /// <summary>Checks, before anything is trained, that the problems can be put to models of this kind.</summary>
    /// <param name="model">The one that training starts from.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: its tokenizer has not what the prompt style needs.</exception>
    public void Check(ModelDirectory model) => _ = CreatePrompts(model, Tokenizer.Load(model.Path));

    /// <inheritdoc/>
    public IEnumerable<(string Name, string Value)> Describe() =>
    [
        .. benchmarks.Select(benchmark => ($"benchmark {benchmark.Name}", string.Create(CultureInfo.InvariantCulture, $"{benchmark.Problems.Count} problems, xxh64 {benchmark.ComputeFingerprint()}"))),
        ("prompt_style", PromptStyles.NameOf(settings.PromptStyle)),
        ("samples", settings.Samples.ToString(CultureInfo.InvariantCulture)),
        ("max_new_tokens", settings.MaxNewTokens.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    /// <remarks>A problem that cannot be put to the model counts as wrong.</remarks>
    public IReadOnlyList<double> Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation)
    {
        using var model = ModelDirectory.Open(modelDirectory);
        var tokenizer = Tokenizer.Load(modelDirectory);
        var prompts = CreatePrompts(model, tokenizer);
        var options = new GenerationOptions { MaxNewTokens = settings.MaxNewTokens, Seed = (ulong)seed, StopTokenIds = prompts.StopTokenIds, StopStrings = prompts.StopStrings };
        // Numbers run on over benchmarks: with the seed they decide the draws.
        BenchmarkRequest[] problems =
        [
            .. benchmarks.SelectMany(benchmark => benchmark.Problems.Select(problem => (benchmark.Name, Problem: problem)))
                .Select((item, number) => new BenchmarkRequest(item.Name, number, item.Problem, prompts.Encode(item.Problem.Question))),
        ];
        using var session = new GenerationSession(backend, model, tokenizer, problems.Select(static problem => problem.Prompt), settings.Samples, options.MaxNewTokens);
        var scores = new ScoreCollector(new double[problems.Length], settings.Samples);
        new BenchmarkRunner(session.Generator, options, settings.Samples, session.ContextLength).Run(problems, scores, cancellation);
        return scores.Scores;
    }

    private BenchmarkPrompts CreatePrompts(ModelDirectory model, Tokenizer tokenizer) => new(tokenizer, model.Configuration, settings.PromptStyle, chatTemplate);

    private sealed class ScoreCollector(double[] scores, int sampleCount) : IBenchmarkObserver
    {
        public double[] Scores => scores;

        public void OnSample(GradedSample sample) { }

        public void OnProblem(ProblemSamples problem) => scores[problem.Number] = (double)problem.RightCount / sampleCount;
    }
}
