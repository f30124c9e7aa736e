using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Train.Progress;

namespace DftNative.Train.Commands;

/// <summary>The results of an evaluation so far, in memory and, if asked for, on disk.</summary>
internal sealed class EvaluationSession : IDisposable
{
    private readonly EvaluateRequest request;
    private readonly IReadOnlyDictionary<string, string> settings = new Dictionary<string, string>();
    private readonly EvaluationFolder? folder;
    private readonly Dictionary<(string Benchmark, int Number), ProblemScore> scores = [];
    private SampleFile? file;

    private EvaluationSession(EvaluateRequest request, Func<IReadOnlyDictionary<string, string>> describe)
    {
        this.request = request;
        if (request.OutputPath is not { } path) return;
        folder = new EvaluationFolder(path);
        settings = describe();
        var isContinued = folder.Claim(settings);
        file = SampleFile.Open(folder.SamplesPath, TakeUp);
        if (isContinued) Console.Error.WriteLine($"continuing {path}: {DoneCount} of {request.Benchmarks.Sum(static benchmark => benchmark.Problems.Count)} problems are done");
    }

    /// <summary>How many problems are done.</summary>
    public int DoneCount => scores.Count;

    /// <summary>Begins an evaluation, or takes up the one in the output folder.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="describe">Gives what decides the samples, by name; called where there is an output folder, since it reads the whole model.</param>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: the folder holds another one, or something else; <see cref="ExitCode.InvalidInput"/>: a row in it is damaged or another evaluation's.
    /// </exception>
    public static EvaluationSession Open(EvaluateRequest request, Func<IReadOnlyDictionary<string, string>> describe) => new(request, describe);

    /// <summary>Whether a problem need not be sampled for any more.</summary>
    public bool IsDone(BenchmarkRequest problem) => scores.ContainsKey((problem.Benchmark, problem.Number));

    /// <summary>Keeps what is sampled and tells of it.</summary>
    public IBenchmarkObserver Observe(EvaluationProgress progress) => new Observer(this, progress);

    /// <summary>Computes, prints and writes the results.</summary>
    /// <returns>Success.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: some problems could not be put to the model; the results are written.</exception>
    public ExitCode Finish()
    {
        var results = request.Benchmarks.Select(benchmark => new BenchmarkResult(
            benchmark.Name, request.Samples, [.. Enumerable.Range(0, benchmark.Problems.Count).Select(number => scores[(benchmark.Name, number)])], request.Sampling.Seed)
        { SkippedRows = benchmark.SkippedRows }).ToList();
        Console.WriteLine(EvaluationTable.Format(results));
        if (folder is not null)
        {
            file!.Sort([.. request.Benchmarks.Select(static benchmark => benchmark.Name)]);
            file.Dispose();
            file = null;
            EvaluationSummary.Write(folder.SummaryPath, settings, results);
            Console.WriteLine($"written: {folder.SummaryPath} and {folder.SamplesPath}");
            if (request.KeepPath is { } keepPath)
            {
                var (rows, problems) = KeptRows.Write(folder.SamplesPath, keepPath, request.PromptStyle, request.KeepPerProblem);
                Console.WriteLine($"kept: {rows} right samples of {problems} problems in {keepPath}");
            }
        }

        var failed = results.Sum(static result => result.FailedCount);
        return failed == 0 ? ExitCode.Success : throw new DftNativeException(
            ExitCode.InvalidInput, $"{failed} of {scores.Count} problems could not be put to the model and count as wrong: the rows of their samples have an \"error\"; the others are done");
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private void TakeUp(ProblemSamples row)
    {
        var problems = request.Benchmarks.FirstOrDefault(benchmark => benchmark.Name == row.Benchmark)?.Problems ?? [];
        if ((uint)row.Number >= (uint)problems.Count || problems[row.Number] != row.Problem)
            throw new InvalidRowException($"is not of this evaluation: its problem {row.Number} of {row.Benchmark} is another; {SampleFile.Mend}");
        if (row.Error is null && row.Samples.Count != request.Samples)
            throw new InvalidRowException($"has {row.Samples.Count} samples in place of {request.Samples}; {SampleFile.Mend}");
        if (!scores.TryAdd((row.Benchmark, row.Number), ProblemScore.Of(row)))
            throw new InvalidRowException($"has problem {row.Number} of {row.Benchmark} again; {SampleFile.Mend}");
    }

    private sealed class Observer(EvaluationSession session, EvaluationProgress progress) : IBenchmarkObserver
    {
        public void OnToken() => progress.OnToken();

        public void OnSample(GradedSample sample) => progress.OnSample(sample);

        public void OnProblem(ProblemSamples problem)
        {
            session.file?.Append(problem);
            session.scores[(problem.Benchmark, problem.Number)] = ProblemScore.Of(problem);
            progress.OnProblem(problem);
        }
    }
}
