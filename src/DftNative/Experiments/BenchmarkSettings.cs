using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments;

/// <summary>How trained models are measured by their answers.</summary>
public sealed record BenchmarkSettings
{
    /// <summary>Names of <see cref="BenchmarkCatalog"/>, and files of other problems; none: answers are not sampled.</summary>
    public IReadOnlyList<string> Benchmarks { get; init; } = [];

    /// <summary>The folder of the named benchmarks' files.</summary>
    public string Folder { get; init; } = "benchmarks";

    /// <summary>How a problem is put.</summary>
    public PromptStyle PromptStyle { get; init; } = PromptStyle.QwenBoxed;

    /// <summary>Samples a problem.</summary>
    public int Samples { get; init; } = 16;

    /// <summary>The most tokens of an answer.</summary>
    public int MaxNewTokens { get; init; } = 4096;

    /// <summary>Only the first problems of each benchmark; null: all.</summary>
    public int? Limit { get; init; }
}
