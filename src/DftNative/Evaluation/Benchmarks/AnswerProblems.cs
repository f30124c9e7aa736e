using DftNative.Generation;
using DftNative.Models;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>The problems that a training run is evaluated on by sampled answers.</summary>
/// <param name="Tokenizer">The model's.</param>
/// <param name="Problems">The problems, each with its prompt.</param>
/// <param name="StopTokenIds">Tokens that end an answer.</param>
/// <param name="StopStrings">Texts that end an answer.</param>
public sealed record AnswerProblems(Tokenizer Tokenizer, IReadOnlyList<BenchmarkRequest> Problems, IReadOnlyList<int> StopTokenIds, IReadOnlyList<string> StopStrings)
{
    /// <summary>Tokens of the longest prompt.</summary>
    public int LongestPrompt => Problems.Max(static problem => problem.Prompt.Length);

    /// <summary>What an evaluation of a run samples.</summary>
    public GenerationDemand Demand(TrainingOptions options) => new(LongestPrompt, options.EvalGenerateMaxNewTokens, (long)Problems.Count * options.EvalGenerateSamples);

    /// <summary>Reads the problems that the options name.</summary>
    /// <param name="options">The run.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="configuration">The model.</param>
    /// <exception cref="DftNativeException">A file is bad, a prompt does not fit the model, or the prompt style is another tokenizer's.</exception>
    public static AnswerProblems Read(TrainingOptions options, Tokenizer tokenizer, ModelConfiguration configuration)
    {
        GenerationPlan.CheckVocabulary(configuration);
        var prompts = new BenchmarkPrompts(tokenizer, configuration, options.EvalGeneratePromptStyle, options.ChatTemplate);
        var problems = new List<BenchmarkRequest>();
        foreach (var path in options.EvalGenerateData)
        {
            foreach (var problem in BenchmarkReader.Read(path, path).Limit(options.EvalGenerateProblems).Problems)
            {
                // Numbers go on from file to file: they decide the draws.
                var request = new BenchmarkRequest(path, problems.Count, problem, prompts.Encode(problem.Question));
                if (request.FindError(GenerationPlan.ContextLengthOf(configuration), configuration.VocabularySize) is { } error) throw new DftNativeException(ExitCode.InvalidInput, $"eval_generate_data {path}: {error}");
                problems.Add(request);
            }
        }

        return new AnswerProblems(tokenizer, problems, prompts.StopTokenIds, prompts.StopStrings);
    }
}
