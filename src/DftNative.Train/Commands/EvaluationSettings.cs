using System.Globalization;
using DftNative.Backends;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary>What decides an evaluation's samples, by the options' names.</summary>
internal static class EvaluationSettings
{
    /// <summary>The settings as text; of two evaluations with the same ones, on one machine, every sample is the same.</summary>
    /// <param name="options">Model, seed and chat template.</param>
    /// <param name="request">The rest of what was asked.</param>
    /// <param name="modelFingerprint">Of the model's files.</param>
    /// <param name="prompts">The problems with their prompts, which the chat template has made: what a file is called says nothing of what is in it.</param>
    /// <param name="backend">The device: the rounding of one is not another's.</param>
    public static IReadOnlyDictionary<string, string> Describe(TrainingOptions options, EvaluateRequest request, string modelFingerprint, IEnumerable<BenchmarkRequest> prompts, IBackend backend)
    {
        var sampling = request.Sampling;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["model_xxh64"] = modelFingerprint,
            ["prompt_style"] = PromptStyles.NameOf(request.PromptStyle),
            ["n"] = Text(request.Samples),
            ["temperature"] = Text(sampling.Temperature),
            ["top_p"] = Text(sampling.TopP),
            ["top_k"] = Text(sampling.TopK),
            ["min_p"] = Text(sampling.MinP),
            ["repetition_penalty"] = Text(sampling.RepetitionPenalty),
            ["max_new_tokens"] = Text(sampling.MaxNewTokens),
            ["stop"] = sampling.StopStrings.Count == 0 ? "none" : string.Join(" | ", sampling.StopStrings),
            ["stop_token_ids"] = sampling.StopTokenIds.Count == 0 ? "none" : string.Join(' ', sampling.StopTokenIds),
            ["seed"] = Text(options.Seed),
            ["device"] = backend.DeviceName(),
            ["compute_type"] = backend.ComputeType.Name(),
        };
        foreach (var benchmark in request.Benchmarks)
            settings.Add($"benchmark {benchmark.Name}", $"{Text(benchmark.Problems.Count)} problems, xxh64 {benchmark.ComputeFingerprint()}");
        // Behind the problems, which change the prompts too and are then named first.
        settings.Add("chat_template", request.PromptStyle == PromptStyle.Chat ? $"one that makes prompts of xxh64 {BenchmarkRequest.ComputeFingerprint(prompts)}" : "none");
        return settings;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
