using System.CommandLine;
using System.Text.Json;
using DftNative.ChatTemplates;
using DftNative.Generation;
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
        if (request.Prompt is "") throw new DftNativeException(ExitCode.Usage, "prompt: the text is empty; write what is to be answered");
        if (request.Sampling.KeepsLogProbabilities && request.DataPath is null && request.OutputPath is null)
            throw new DftNativeException(ExitCode.Usage, "logprobs: they go into rows of JSON; give --output or --data");
        if (request.OutputPath is { } path && (Directory.Exists(path) || NewOutputFile.IsTaken(path)))
            throw new DftNativeException(ExitCode.Usage, $"output: {path} is there already; give another name or move it away");
    }

    private static ExitCode Run(TrainingOptions options, GenerateRequest request)
    {
        var logger = new ConsoleLogger();
        var rows = request.DataPath is { } path ? PromptRow.Read(path) : [SinglePrompt(request.Prompt ?? StandardInput.ReadText())];
        using var output = request.OutputPath is { } file ? new NewOutputFile(file) : null;
        using var model = InputLoader.OpenModel(options, logger);
        SamplingOptions.CheckStopTokens(request.Sampling, model.Configuration);
        var tokenizer = Tokenizer.Load(model.Path);
        var encoder = new PromptEncoder(tokenizer, model.Configuration, request.IsRaw ? null : ResolveTemplate(tokenizer, options.ChatTemplate), request.System);
        var prompts = rows.Select(row => row.Messages is { } messages ? encoder.Encode(messages) : encoder.Encode(row.Text!)).ToList();
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        Console.Error.WriteLine($"on {choice}");
        using var session = new GenerationSession(backend, model, tokenizer, prompts, request.Samples, request.Sampling.MaxNewTokens, request.BatchSize);
        var sampling = request.Sampling with { StopTokenIds = [.. encoder.StopTokenIds.Union(request.Sampling.StopTokenIds)] };
        if (request.DataPath is null && output is null) return Stream(session, prompts[0], sampling, request.Samples);
        if (output is not null) return WriteRows(session, rows, prompts, sampling, request, output.Stream);
        using var standardOutput = Console.OpenStandardOutput();
        return WriteRows(session, rows, prompts, sampling, request, standardOutput);
    }

    private static ExitCode Stream(GenerationSession session, int[] prompt, GenerationOptions sampling, int samples)
    {
        var context = session.ContextLength;
        if (prompt.Length >= context) throw new DftNativeException(ExitCode.InvalidInput, $"the prompt has {prompt.Length} tokens; the model takes {context}, of which one is for the answer: shorten it");
        var requests = Enumerable.Range(0, samples).Select(sample => new GenerationRequest(prompt, GenerationRequest.StreamOf(0, sample))).ToList();
        session.Generator.Generate(requests, sampling, new TerminalCompletions(Console.Out, samples));
        return ExitCode.Success;
    }

    private static ExitCode WriteRows(GenerationSession session, IReadOnlyList<PromptRow> rows, IReadOnlyList<int[]> prompts, GenerationOptions sampling, GenerateRequest request, Stream output)
    {
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping after this token; finished rows are kept"));
        using var writer = new CompletionWriter(output, rows, request.Samples);
        try
        {
            session.Generator.Generate(writer.CreateRequests(prompts, session.ContextLength - 1, session.Generator.VocabularySize), sampling, writer, stop.Token);
        }
        catch (OperationCanceledException)
        {
            writer.Complete();
            throw new DftNativeException(ExitCode.Interrupted, $"generate interrupted: {writer.WrittenCount} of {rows.Count * request.Samples} answers are done and kept; to go on, give the prompts that are missing in a file of their own");
        }
        catch (DftNativeException)
        {
            writer.Complete();
            throw;
        }

        if (writer.FailedCount == 0) return ExitCode.Success;
        throw new DftNativeException(ExitCode.InvalidInput, $"{writer.FailedCount} of {rows.Count} prompts could not be answered: their rows have an \"error\"; the others are done");
    }

    private static ChatTemplate ResolveTemplate(Tokenizer tokenizer, string? name)
    {
        try
        {
            return ChatTemplate.Resolve(tokenizer, name);
        }
        catch (DftNativeException exception) when (name is null)
        {
            throw new DftNativeException(exception.ExitCode, $"{exception.Message}; or continue prompts as they are with --raw", exception);
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
