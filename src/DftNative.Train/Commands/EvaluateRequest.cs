using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;

namespace DftNative.Train.Commands;

/// <summary>What <c>eval</c> is asked for, beside the model and the device.</summary>
/// <param name="Benchmarks">The problems.</param>
/// <param name="PromptStyle">How they are put.</param>
/// <param name="Sampling">How answers are sampled; its stops are those beside the model's and the style's.</param>
/// <param name="Samples">Samples a problem.</param>
/// <param name="BatchSize">Sequences at once, or null.</param>
/// <param name="OutputPath">Where everything is written, or null.</param>
/// <param name="KeepPath">Where training rows of right samples are written, or null.</param>
/// <param name="KeepPerProblem">The most of them for a problem; 0: all.</param>
internal sealed record EvaluateRequest(
    IReadOnlyList<Benchmark> Benchmarks, PromptStyle PromptStyle, GenerationOptions Sampling, int Samples, int? BatchSize, string? OutputPath, string? KeepPath, int KeepPerProblem);
