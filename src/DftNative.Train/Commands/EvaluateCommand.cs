using System.CommandLine;
using System.CommandLine.Parsing;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>eval</c>: samples answers to a benchmark's problems, grades them, and says how good the model is.</summary>
internal static class EvaluateCommand
{
    private const int DefaultMaxNewTokens = 4096, DefaultSamples = 16;
    private const string DefaultBenchmarkDirectory = "benchmarks";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("eval", "Sample answers to mathematical problems and grade them: average@n, pass@k, majority@n; an interrupted evaluation goes on where it stopped.");
        var catalog = CatalogOptions.AddTo(command, "model", "revision", "chat_template", "column", "device", "threads", "seed");
        var benchmark = ListOption("--benchmark", "NAME…", $"Which: {string.Join(", ", BenchmarkCatalog.Names)}.");
        var directory = new Option<string>("--benchmark_dir") { Description = $"The folder of the benchmarks' files. [{DefaultBenchmarkDirectory}]", HelpName = "DIR" };
        var data = ListOption("--data", "FILE…", "Other files of problems: columns question or problem, and answer, final_answer or a boxed answer in solution.");
        var promptStyle = new Option<string>("--prompt_style") { Description = "How a problem is put. [qwen-boxed]", HelpName = string.Join('|', PromptStyles.ByName.Keys) };
        var output = new Option<string>("--output") { Description = "Where samples.jsonl and summary.json go, and what an interrupted evaluation is continued from.", HelpName = "DIR" };
        var limit = new Option<string>("--limit") { Description = "Only the first problems of each benchmark; 0: all. [0]", HelpName = "integer ≥ 0" };
        var keep = new Option<string>("--keep") { Description = "Write the right samples as training rows.", HelpName = "FILE" };
        var keepPerProblem = new Option<string>("--keep_per_problem") { Description = "The most of them for a problem; 0: all. [0]", HelpName = "integer ≥ 0" };
        foreach (var option in (Option[])[benchmark, directory, data, promptStyle, output, limit, keep, keepPerProblem]) command.Add(option);
        var sampling = SamplingOptions.AddTo(command, DefaultMaxNewTokens, DefaultSamples);
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            Required.Options(options, "model");
            var names = parseResult.GetValue(benchmark) ?? [];
            var style = PromptStyles.Parse(parseResult.GetValue(promptStyle) ?? PromptStyles.NameOf(PromptStyle.QwenBoxed));
            var files = parseResult.GetValue(data) ?? [];
            if (names.Length + files.Length == 0) throw new DftNativeException(ExitCode.Usage, "--benchmark or --data must be given");
            CheckIgnored(names, files, options, parseResult.GetValue(directory), style);
            if (parseResult.GetValue(keepPerProblem) is not null && parseResult.GetValue(keep) is null)
                throw new DftNativeException(ExitCode.Usage, "keep_per_problem: no rows are kept without --keep; give it too");
            if (parseResult.GetValue(keep) is not null && parseResult.GetValue(output) is null)
                throw new DftNativeException(ExitCode.Usage, "keep: the rows come from samples.jsonl; give --output too");
            if (parseResult.GetValue(keep) is { } kept) KeptRows.Check(kept, parseResult.GetValue(output)!);
            var generation = sampling.Read(parseResult, options.Seed);
            var count = Integer(parseResult, limit);
            var request = new EvaluateRequest(
                [.. Read(names, files, parseResult.GetValue(directory) ?? DefaultBenchmarkDirectory, options.Columns).Select(problems => problems.Limit(count))],
                style,
                // Greedy samples are all the same.
                generation, sampling.ReadSamples(parseResult, generation.Temperature == 0 ? 1 : DefaultSamples), sampling.ReadBatchSize(parseResult),
                parseResult.GetValue(output), parseResult.GetValue(keep), Integer(parseResult, keepPerProblem));
            return (int)Run(options, request);
        });
        return command;
    }

    /// <summary>An option that would do nothing is a mistake.</summary>
    private static void CheckIgnored(string[] names, string[] files, TrainingOptions options, string? directory, PromptStyle style)
    {
        if (options.ChatTemplate is not null && style != PromptStyle.Chat)
            throw new DftNativeException(ExitCode.Usage, $"chat_template: prompt_style {PromptStyles.NameOf(style)} uses none; leave it out, or give --prompt_style chat");
        if (directory is not null && names.Length == 0) throw new DftNativeException(ExitCode.Usage, "benchmark_dir: it is where --benchmark looks; give that, or leave it out");
        if (options.Columns.Count > 0 && files.Length == 0) throw new DftNativeException(ExitCode.Usage, "column: it is for the files of --data; the columns of a benchmark are known");
    }

    private static IEnumerable<Benchmark> Read(string[] names, string[] files, string directory, IReadOnlyList<string> columns)
    {
        BenchmarkNames.RequireOnce(names);
        return names.Select(name => BenchmarkReader.Read(name, BenchmarkCatalog.Locate(name, directory)))
            .Concat(BenchmarkNames.Choose(files, names).Zip(files, (name, file) => BenchmarkReader.Read(name, file, columns)));
    }

    private static ExitCode Run(TrainingOptions options, EvaluateRequest request)
    {
        foreach (var notice in request.Benchmarks.Select(static benchmark => benchmark.SkippedNotice).OfType<string>()) Console.Error.WriteLine(notice);
        using var model = InputLoader.OpenModel(options, new ConsoleLogger());
        SamplingOptions.CheckStopTokens(request.Sampling, model.Configuration);
        var tokenizer = Tokenizer.Load(model.Path);
        var prompts = new BenchmarkPrompts(tokenizer, model.Configuration, request.PromptStyle, options.ChatTemplate);
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        Console.Error.WriteLine($"on {choice}");
        var sampling = request.Sampling with
        {
            StopTokenIds = [.. prompts.StopTokenIds.Union(request.Sampling.StopTokenIds)],
            StopStrings = [.. prompts.StopStrings.Union(request.Sampling.StopStrings)],
        };
        List<BenchmarkRequest> problems = [.. request.Benchmarks.SelectMany(benchmark => benchmark.Problems.Select((problem, number) => new BenchmarkRequest(benchmark.Name, number, problem, prompts.Encode(problem.Question))))];
        using var session = EvaluationSession.Open(request, () => EvaluationSettings.Describe(options, request, ModelFingerprint.Of(model.Path), problems, backend));
        var pending = problems.Where(problem => !session.IsDone(problem)).ToList();
        return pending.Count == 0 || Sample(backend, model, tokenizer, sampling, request, problems, pending, session) ? session.Finish() : ExitCode.Interrupted;
    }

    /// <summary>Samples for what is not done yet.</summary>
    /// <returns>Whether it came to its end, and was not interrupted.</returns>
    private static bool Sample(
        IBackend backend, ModelDirectory model, Tokenizer tokenizer, GenerationOptions sampling, EvaluateRequest request,
        List<BenchmarkRequest> problems, List<BenchmarkRequest> pending, EvaluationSession session)
    {
        var total = problems.Count;
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping after this token; finished problems are kept"));
        // Planned for all problems, so that one that goes on samples what one that was not interrupted does.
        using var generation = new GenerationSession(backend, model, tokenizer, problems.Select(static problem => problem.Prompt), request.Samples, sampling.MaxNewTokens, request.BatchSize);
        var runner = new BenchmarkRunner(generation.Generator, sampling, request.Samples, generation.ContextLength);
        try
        {
            if (Console.IsOutputRedirected) Run(new PlainEvaluationProgress(Console.Out, TimeProvider.System));
            else LiveEvaluationProgress.Run(Run);
            return true;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            Console.Error.WriteLine(request.OutputPath is { } path
                ? $"interrupted after {session.DoneCount} of {total} problems; the same command goes on from {path}"
                : $"interrupted after {session.DoneCount} of {total} problems; nothing was asked to be kept (--output)");
            return false;
        }

        void Run(EvaluationProgress progress)
        {
            progress.Begin(total, total - pending.Count, request.Samples);
            runner.Run(pending, session.Observe(progress), stop.Token);
        }
    }

    private static Option<string[]> ListOption(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };

    private static int Integer(ParseResult parseResult, Option<string> option) =>
        parseResult.GetValue(option) is { } text ? SamplingOptions.ParseInteger(option.Name[2..], text, 0) : 0;
}
