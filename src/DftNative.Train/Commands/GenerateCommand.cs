using System.CommandLine;
using System.Text.Json;
using DftNative.Backends;
using DftNative.ChatTemplates;
using DftNative.Checkpoints;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>generate</c>: samples from a model, streamed as it is drawn, or from file to file.</summary>
internal static class GenerateCommand
{
    private const int DefaultMaxNewTokens = 256;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("generate", "Sample from a model: the text is streamed as it is drawn; with --data or --output, JSON lines.");
        var catalog = CatalogOptions.AddTo(command, "model", "revision", "chat_template", "device", "threads", "seed");
        var prompt = new Option<string>("--prompt") { Description = "What to answer; without it and --data, standard input is the prompt.", HelpName = "TEXT" };
        var raw = new Option<bool>("--raw") { Description = "Continue prompts as they are, without the chat template." };
        var system = new Option<string>("--system") { Description = "A system message before prompts that are texts.", HelpName = "TEXT" };
        var data = new Option<string>("--data") { Description = "Rows with \"prompt\" (a text or messages) or \"messages\" to answer.", HelpName = "FILE" };
        var output = new Option<string>("--output") { Description = "Where the rows go, each with \"completion\", \"tokens\" and \"finish_reason\"; standard output if left out.", HelpName = "FILE" };
        var logprobs = new Option<bool>("--logprobs") { Description = "Also the log-probabilities of the drawn tokens, before temperature, penalty and filters." };
        foreach (var option in (Option[])[prompt, raw, system, data, output, logprobs]) command.Add(option);
        var sampling = SamplingOptions.AddTo(command, DefaultMaxNewTokens, defaultSamples: 1);
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            Required.Options(options, "model");
            var request = new GenerateRequest(
                parseResult.GetValue(prompt), parseResult.GetValue(system), parseResult.GetValue(raw), parseResult.GetValue(data), parseResult.GetValue(output),
                sampling.Read(parseResult, options.Seed) with { KeepsLogProbabilities = parseResult.GetValue(logprobs) },
                sampling.ReadSamples(parseResult), sampling.ReadBatchSize(parseResult));
            Check(request, options.ChatTemplate);
            return (int)Run(options, request);
        });
        return command;
    }

    private static void Check(GenerateRequest request, string? chatTemplate)
    {
        if (request.IsRaw && request.System is not null) throw new DftNativeException(ExitCode.Usage, "system: a raw prompt has no system message; leave --raw or --system out");
        if (request.IsRaw && chatTemplate is not null) throw new DftNativeException(ExitCode.Usage, "chat_template: a raw prompt has none; leave --raw or --chat_template out");
        if (request.Prompt is not null && request.DataPath is not null) throw new DftNativeException(ExitCode.Usage, "--prompt and --data both say what to answer; leave one out");
        if (request.Sampling.KeepsLogProbabilities && request.DataPath is null && request.OutputPath is null)
            throw new DftNativeException(ExitCode.Usage, "logprobs: they go into rows of JSON; give --output or --data");
        if (request.OutputPath is { } path && (File.Exists(path) || Directory.Exists(path)))
            throw new DftNativeException(ExitCode.Usage, $"output: {path} is there already; give another name or move it away");
    }

    private static ExitCode Run(TrainingOptions options, GenerateRequest request)
    {
        var logger = new ConsoleLogger();
        var rows = request.DataPath is { } path ? PromptRow.Read(path) : [SinglePrompt(request.Prompt ?? Console.In.ReadToEnd())];
        using var model = InputLoader.OpenModel(options, logger);
        var tokenizer = Tokenizer.Load(model.Path);
        var encoder = new PromptEncoder(tokenizer, model.Configuration, request.IsRaw ? null : ChatTemplate.Resolve(tokenizer, options.ChatTemplate), request.System);
        var prompts = rows.Select(row => row.Messages is { } messages ? encoder.Encode(messages) : encoder.Encode(row.Text!)).ToList();
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        Console.Error.WriteLine($"on {choice}");
        var context = Math.Max(2, model.Configuration.MaxPositionEmbeddings);
        var longest = prompts.Select(static prompt => prompt.Length).Where(length => length < context).DefaultIfEmpty(1).Max();
        var plan = GenerationPlan.Choose(model.Configuration, backend.ComputeType, longest, request.Sampling.MaxNewTokens, rows.Count * request.Samples, request.BatchSize);
        using var transformer = new Transformer(backend, model.Configuration, plan.TransformerOptions);
        model.Load(backend, transformer.Layout, transformer.Parameters);
        using var generator = new SequenceGenerator(backend, transformer, plan.Slots, plan.Capacity, tokenizer);
        var sampling = request.Sampling with { StopTokenIds = [.. encoder.StopTokenIds.Union(request.Sampling.StopTokenIds)] };
        return request.DataPath is null && request.OutputPath is null
            ? Stream(generator, prompts[0], context, sampling, request.Samples)
            : WriteRows(generator, rows, prompts, context, sampling, request);
    }

    private static ExitCode Stream(SequenceGenerator generator, int[] prompt, int context, GenerationOptions sampling, int samples)
    {
        if (prompt.Length >= context) throw new DftNativeException(ExitCode.InvalidInput, $"the prompt has {prompt.Length} tokens; the model takes {context}, of which one is for the answer: shorten it");
        var requests = Enumerable.Range(0, samples).Select(sample => new GenerationRequest(prompt, GenerationRequest.StreamOf(0, sample))).ToList();
        generator.Generate(requests, sampling, new TerminalCompletions(Console.Out, samples));
        return ExitCode.Success;
    }

    private static ExitCode WriteRows(SequenceGenerator generator, IReadOnlyList<PromptRow> rows, IReadOnlyList<int[]> prompts, int context, GenerationOptions sampling, GenerateRequest request)
    {
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping after this token; finished rows are kept"));
        using var output = request.OutputPath is { } path ? Create(path) : Console.OpenStandardOutput();
        using var writer = new CompletionWriter(output, rows, request.Samples);
        try
        {
            generator.Generate(writer.CreateRequests(prompts, context - 1), sampling, writer, stop.Token);
        }
        catch (OperationCanceledException)
        {
            writer.Complete();
            throw new DftNativeException(ExitCode.Interrupted, $"generate interrupted: {writer.WrittenCount} of {rows.Count * request.Samples} answers are done and kept");
        }
        catch (DftNativeException)
        {
            writer.Complete();
            throw;
        }

        if (writer.FailedCount == 0) return ExitCode.Success;
        throw new DftNativeException(ExitCode.InvalidInput, $"{writer.FailedCount} of {rows.Count} prompts could not be answered: their rows have an \"error\"; the others are done");
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    private static PromptRow SinglePrompt(string text)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("prompt", text);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        return new PromptRow(1, document.RootElement.Clone(), text, null);
    }
}
