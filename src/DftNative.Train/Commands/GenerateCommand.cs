using System.CommandLine;
using System.Globalization;
using DftNative.Backends;
using DftNative.ChatTemplates;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>generate</c>: samples from a model, streamed as it is drawn.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("generate", "Sample from a model; the text is streamed as it is drawn.");
        var catalog = CatalogOptions.AddTo(command, "model", "revision", "chat_template", "device", "threads", "seed");
        var prompt = new Option<string>("--prompt") { Description = "What to answer; without it, standard input is the prompt.", HelpName = "TEXT" };
        var raw = new Option<bool>("--raw") { Description = "Continue the prompt as it is, without the chat template." };
        var system = new Option<string>("--system") { Description = "A system message before the prompt.", HelpName = "TEXT" };
        var temperature = new Option<string>("--temperature") { Description = "Divides the logits; 0: always the most probable token. [1]", HelpName = "number ≥ 0" };
        var maxNewTokens = new Option<string>("--max_new_tokens") { Description = "The most tokens to add. [256]", HelpName = "integer ≥ 1" };
        foreach (Option option in new Option[] { prompt, raw, system, temperature, maxNewTokens }) command.Add(option);
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            Required.Options(options, "model");
            return (int)Run(options, new Request(
                parseResult.GetValue(prompt) ?? Console.In.ReadToEnd(), parseResult.GetValue(system), parseResult.GetValue(raw),
                ParseTemperature(parseResult.GetValue(temperature)), ParseMaxNewTokens(parseResult.GetValue(maxNewTokens))));
        });
        return command;
    }

    private static double ParseTemperature(string? text)
    {
        if (text is null) return 1;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return isNumber && value >= 0 && double.IsFinite(value) ? value : throw new DftNativeException(ExitCode.Usage, $"temperature: '{text}' is not a number ≥ 0");
    }

    private static int ParseMaxNewTokens(string? text)
    {
        if (text is null) return 256;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1
            ? value
            : throw new DftNativeException(ExitCode.Usage, $"max_new_tokens: '{text}' is not an integer ≥ 1");
    }

    private static ExitCode Run(TrainingOptions options, Request request)
    {
        var logger = new ConsoleLogger();
        using var model = InputLoader.OpenModel(options, logger);
        var tokenizer = Tokenizer.Load(model.Path);
        var (tokens, stopTokens) = Encode(tokenizer, model.Configuration, options.ChatTemplate, request);
        var capacity = (int)Math.Min((long)tokens.Length + request.MaxNewTokens, model.Configuration.MaxPositionEmbeddings);
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        Console.Error.WriteLine($"on {choice}");
        using var transformer = new Transformer(backend, model.Configuration, new TransformerOptions(Math.Max(1, tokens.Length)) { MaxPositions = capacity });
        model.Load(backend, transformer.Layout, transformer.Parameters);
        Sample(backend, transformer, tokenizer, tokens, capacity, new GenerationOptions
        {
            Temperature = request.Temperature,
            MaxNewTokens = request.MaxNewTokens,
            Seed = (ulong)options.Seed,
            StopTokenIds = stopTokens,
        });
        return ExitCode.Success;
    }

    private static void Sample(IBackend backend, Transformer transformer, Tokenizer tokenizer, int[] prompt, int capacity, GenerationOptions options)
    {
        using var generator = new SequenceGenerator(backend, transformer, slots: 1, capacity);
        var drawn = new List<int>();
        var written = 0;
        generator.Generate([prompt], options, (_, token) =>
        {
            drawn.Add(token);
            var text = tokenizer.Decode(drawn, skipSpecialTokens: true);

            // The last characters may be the begin of one that takes several tokens.
            if (text.EndsWith('\uFFFD')) return;
            Console.Out.Write(text[written..]);
            Console.Out.Flush();
            written = text.Length;
        });
        Console.Out.WriteLine(tokenizer.Decode(drawn, skipSpecialTokens: true)[written..]);
    }

    private static (int[] Tokens, IReadOnlyList<int> StopTokens) Encode(Tokenizer tokenizer, ModelConfiguration configuration, string? chatTemplate, Request request)
    {
        var stops = configuration.EosTokenIds.Concat(tokenizer.EosTokenIds);
        if (request.IsRaw)
        {
            if (request.System is not null) throw new DftNativeException(ExitCode.Usage, "system: a raw prompt has no system message; leave --raw or --system out");
            return (tokenizer.Encode(request.Prompt, addSpecialTokens: true), [.. stops.Distinct()]);
        }

        var template = ChatTemplate.Resolve(tokenizer, chatTemplate);
        List<ChatMessage> messages = request.System is null ? [] : [new ChatMessage("system", request.System)];
        messages.Add(new ChatMessage("user", request.Prompt));
        if (template.FindEndOfTurn(tokenizer) is { } endOfTurn) stops = stops.Append(endOfTurn);
        return (tokenizer.Encode(template.Render(messages, addGenerationPrompt: true, DateTime.Now).Text), [.. stops.Distinct()]);
    }

    private sealed record Request(string Prompt, string? System, bool IsRaw, double Temperature, int MaxNewTokens);
}
