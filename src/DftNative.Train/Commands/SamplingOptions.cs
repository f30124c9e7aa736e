using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Train.Commands;

/// <summary>The options of sampling that <c>generate</c> and <c>eval</c> share.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<string> temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, samples, batchSize;
    private readonly Option<string[]> stop, stopTokenIds;
    private readonly int defaultMaxNewTokens, defaultSamples;

    private SamplingOptions(int defaultMaxNewTokens, int defaultSamples)
    {
        (this.defaultMaxNewTokens, this.defaultSamples) = (defaultMaxNewTokens, defaultSamples);
        temperature = Text("temperature", "number ≥ 0", "Divides the logits; 0: always the most probable token. [1]");
        topP = Text("top_p", "number in (0, 1]", "Only the most probable tokens of this probability together. [1]");
        topK = Text("top_k", "integer ≥ 0", "Only so many most probable tokens; 0: all. [0]");
        minP = Text("min_p", "number in [0, 1]", "Only tokens of at least this share of the most probable one's probability. [0]");
        repetitionPenalty = Text("repetition_penalty", "number in [0.01, 100]", "Makes tokens that were there before less probable. [1]");
        maxNewTokens = Text("max_new_tokens", "integer ≥ 1", $"The most tokens to add. [{defaultMaxNewTokens}]");
        samples = Text("n", "integer ≥ 1", $"Samples a prompt, each of a seed of its own. [{defaultSamples}]");
        batchSize = Text("batch_size", "integer ≥ 1", "Sequences sampled at once; what is sampled does not depend on it. [64, or what has room]");
        stop = new Option<string[]>("--stop") { Description = "Texts that end an answer, which does not have them. [none]", HelpName = "TEXT…", AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };
        stopTokenIds = new Option<string[]>("--stop_token_ids") { Description = "Tokens that end an answer, beside the model's own. [none]", HelpName = "ID…", AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };
    }

    /// <summary>Adds the options to a command.</summary>
    public static SamplingOptions AddTo(Command command, int defaultMaxNewTokens, int defaultSamples)
    {
        var result = new SamplingOptions(defaultMaxNewTokens, defaultSamples);
        foreach (var option in (Option[])[result.temperature, result.topP, result.topK, result.minP, result.repetitionPenalty, result.maxNewTokens, result.stop, result.stopTokenIds, result.samples, result.batchSize])
            command.Add(option);
        return result;
    }

    /// <summary>How sequences are sampled; stop tokens are those that were given.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a value.</exception>
    public GenerationOptions Read(ParseResult parseResult, long seed)
    {
        var options = new GenerationOptions
        {
            Temperature = Number(parseResult, temperature, 1),
            TopP = Number(parseResult, topP, 1),
            TopK = Integer(parseResult, topK, 0, 0),
            MinP = Number(parseResult, minP, 0),
            RepetitionPenalty = Number(parseResult, repetitionPenalty, 1),
            MaxNewTokens = Integer(parseResult, maxNewTokens, defaultMaxNewTokens, 1),
            Seed = (ulong)seed,
            StopStrings = parseResult.GetValue(stop) ?? [],
            StopTokenIds = [.. (parseResult.GetValue(stopTokenIds) ?? []).Select(static text => ParseInteger("stop_token_ids", text, 0))],
        };
        options.Validate();
        return options;
    }

    /// <summary>Checks the stop tokens that were given; those of the model come with it.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: one that the model never draws.</exception>
    public static void CheckStopTokens(GenerationOptions options, ModelConfiguration model)
    {
        foreach (var token in options.StopTokenIds)
            if (token >= model.VocabularySize) throw new DftNativeException(ExitCode.Usage, $"stop_token_ids: {token} is no token of the model, whose are 0 to {model.VocabularySize - 1}");
    }

    /// <summary>Samples a prompt.</summary>
    /// <param name="parseResult">The command line.</param>
    /// <param name="absent">Without the option; null: the command's default.</param>
    public int ReadSamples(ParseResult parseResult, int? absent = null) => Integer(parseResult, samples, absent ?? defaultSamples, 1);

    /// <summary>Sequences at once, or null.</summary>
    public int? ReadBatchSize(ParseResult parseResult) => parseResult.GetValue(batchSize) is { } text ? ParseInteger("batch_size", text, 1) : null;

    /// <summary>An integer option's value.</summary>
    internal static int ParseInteger(string name, string text, int minimum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum
            ? value
            : throw new DftNativeException(ExitCode.Usage, $"{name}: '{text}' is not an integer ≥ {minimum}");

    private static Option<string> Text(string name, string syntax, string help) => new("--" + name) { Description = help, HelpName = syntax };

    private static int Integer(ParseResult parseResult, Option<string> option, int absent, int minimum) =>
        parseResult.GetValue(option) is { } text ? ParseInteger(option.Name[2..], text, minimum) : absent;

    private static double Number(ParseResult parseResult, Option<string> option, double absent)
    {
        if (parseResult.GetValue(option) is not { } text) return absent;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new DftNativeException(ExitCode.Usage, $"{option.Name[2..]}: '{text}' is not a number");
    }
}
