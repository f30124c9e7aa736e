using System.Globalization;
using System.Runtime.InteropServices;
using DftNative.Checkpoints;
using DftNative.Generation;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>A problem that is to be sampled for.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Number">The problem's number in it, which with the seed decides every draw.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Prompt">Its tokens.</param>
public sealed record BenchmarkRequest(string Benchmark, int Number, BenchmarkProblem Problem, int[] Prompt)
{
    /// <summary>XXH64 of the prompts.</summary>
    public static string ComputeFingerprint(IEnumerable<BenchmarkRequest> requests)
    {
        var hash = new XxHash64();
        foreach (var request in requests)
        {
            hash.Append(BitConverter.GetBytes(request.Prompt.Length));
            hash.Append(MemoryMarshal.AsBytes(request.Prompt.AsSpan()));
        }

        return hash.GetHash().ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>Why a model cannot be asked, or null.</summary>
    /// <param name="contextLength">The most tokens that it takes.</param>
    /// <param name="vocabularySize">The tokens that it has.</param>
    public string? FindError(int contextLength, int vocabularySize) =>
        Prompt.Length == 0 ? "the prompt has no tokens"
        : Prompt.Length >= contextLength ? $"the prompt has {Prompt.Length} tokens; the model takes {contextLength}, of which one is for the answer"
        : GenerationRequest.FindUnknownToken(Prompt, vocabularySize) is { } error ? $"the prompt {error}" : null;
}
