using System.Globalization;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Experiments;

/// <summary>Measures models by mathematical benchmarks, as <c>eval</c> does: answers sampled at temperature 1 and graded.</summary>
public sealed class BenchmarkEvaluator : IExperimentEvaluator
{
    /// <summary>The experiment file's name for the samples of a problem.</summary>
    private const string CountOption = "samples";

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
        if (files.FirstOrDefault(static file => !File.Exists(file)) is { } missing)
            throw new DftNativeException(ExitCode.InvalidInput, $"benchmarks: '{missing}' is neither one of {string.Join(", ", BenchmarkCatalog.Names)} nor a file that is there");
        benchmarks = [.. settings.Benchmarks.Select(benchmark => (names.TryGetValue(benchmark, out var name)
            ? BenchmarkReader.Read(name, benchmark)
            : BenchmarkReader.Read(benchmark, BenchmarkCatalog.Locate(benchmark, settings.Folder, "name its folder with benchmark_dir, or the file itself in benchmarks"))).Limit(settings.Limit ?? 0))];
    }

    /// <summary>Checks, before anything is trained, that the problems can be put to models of this kind.</summary>
    /// <param name="model">The one that training starts from.</param>
    /// <returns>What a user should know of them, a line each.</returns>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: its tokenizer has not what the prompt style needs, or more answers are asked for than can be counted; <see cref="ExitCode.InvalidInput"/>: it can be asked none.
    /// </exception>
    public IReadOnlyList<string> Check(ModelDirectory model)
    {
        GenerationPlan.CheckVocabulary(model.Configuration);
        var warnings = benchmarks.Select(benchmark => benchmark.SkippedNotice).OfType<string>().ToList();
        var requests = CreateRequests(CreatePrompts(model, Tokenizer.Load(model.Path)));
        GenerationPlan.CheckCount((long)requests.Length * settings.Samples, CountOption);
        var unasked = FindUnasked(requests, model.Configuration);
        if (unasked.Count == requests.Length) throw new DftNativeException(ExitCode.InvalidInput, $"none of the benchmarks' {unasked.Count} problems can be put to the model: {unasked[0]}");
        if (unasked.Count > 0) warnings.Add($"{unasked.Count} of the benchmarks' {requests.Length} problems cannot be put to the model and count as wrong: {unasked[0]}{(unasked.Count > 1 ? ", …" : "")}");
        return warnings;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, string Value)> Describe() =>
    [
        .. benchmarks.Select(benchmark => ($"benchmark {benchmark.Name}", string.Create(CultureInfo.InvariantCulture, $"{benchmark.Problems.Count} problems, xxh64 {benchmark.ComputeFingerprint()}"))),
        // Their order decides which scores are whose, and the draws.
        ("benchmarks", string.Join(", ", benchmarks.Select(static benchmark => benchmark.Name))),
        ("prompt_style", PromptStyles.NameOf(settings.PromptStyle)),
        ("samples", settings.Samples.ToString(CultureInfo.InvariantCulture)),
        ("max_new_tokens", settings.MaxNewTokens.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation)
    {
        using var model = ModelDirectory.Open(modelDirectory);
        var tokenizer = Tokenizer.Load(modelDirectory);
        var prompts = CreatePrompts(model, tokenizer);
        var options = new GenerationOptions { MaxNewTokens = settings.MaxNewTokens, Seed = (ulong)seed, StopTokenIds = prompts.StopTokenIds, StopStrings = prompts.StopStrings };
        var problems = CreateRequests(prompts);
        using var session = new GenerationSession(backend, model, tokenizer, problems.Select(static problem => problem.Prompt), settings.Samples, options.MaxNewTokens, countOption: CountOption);
        var scores = new ScoreCollector(new double[problems.Length], settings.Samples);
        new BenchmarkRunner(session.Generator, options, settings.Samples, session.ContextLength).Run(problems, scores, cancellation);
        return new EvaluatorResult(scores.Scores)
        {
            Benchmarks = [.. benchmarks.Select(static benchmark => new ScoredBenchmark(benchmark.Name, benchmark.Problems.Count))],
            Unasked = FindUnasked(problems, model.Configuration),
        };
    }

    private BenchmarkPrompts CreatePrompts(ModelDirectory model, Tokenizer tokenizer) => new(tokenizer, model.Configuration, settings.PromptStyle, chatTemplate);

    /// <summary>All problems. Their numbers run on over benchmarks: with the seed they decide the draws.</summary>
    private BenchmarkRequest[] CreateRequests(BenchmarkPrompts prompts) =>
    [
        .. benchmarks.SelectMany(benchmark => benchmark.Problems.Select(problem => (benchmark.Name, Problem: problem)))
            .Select((item, number) => new BenchmarkRequest(item.Name, number, item.Problem, prompts.Encode(item.Problem.Question))),
    ];

    /// <summary>The problems that cannot be put to a model, with their numbers, from 0 as in eval, and why.</summary>
    private List<string> FindUnasked(BenchmarkRequest[] requests, ModelConfiguration model)
    {
        var firstNumbers = benchmarks.Select((benchmark, i) => (benchmark.Name, First: benchmarks.Take(i).Sum(earlier => earlier.Problems.Count))).ToDictionary();
        return
        [
            .. from request in requests
               let error = request.FindError(GenerationPlan.ContextLengthOf(model), model.VocabularySize)
               where error is not null
               select string.Create(CultureInfo.InvariantCulture, $"{request.Benchmark}, problem {request.Number - firstNumbers[request.Benchmark]}: {error}"),
        ];
    }

    private sealed class ScoreCollector(double[] scores, int sampleCount) : IBenchmarkObserver
    {
        public double[] Scores => scores;

        public void OnSample(GradedSample sample) { }

        public void OnProblem(ProblemSamples problem) => scores[problem.Number] = (double)problem.RightCount / sampleCount;
    }
}
