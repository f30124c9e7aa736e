using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>A benchmark's results. A problem that could not be put to the model counts as wrong.</summary>
public sealed class BenchmarkResult
{
    private readonly double[][] resampled;

    /// <summary>Computes them.</summary>
    /// <param name="name">The benchmark.</param>
    /// <param name="sampleCount">Samples a problem.</param>
    /// <param name="scores">A score for each problem, in their order.</param>
    /// <param name="seed">Of the bootstrap, with the name: several benchmarks are drawn from independently.</param>
    public BenchmarkResult(string name, int sampleCount, IReadOnlyList<ProblemScore> scores, ulong seed)
    {
        (Name, SampleCount, Scores) = (name, sampleCount, scores);
        MetricNames = [$"average@{sampleCount}", .. PassAtK.Choices(sampleCount).Select(static k => $"pass@{k}"), $"majority@{sampleCount}"];
        double[][] values =
        [
            [.. scores.Select(score => score.RightCount / (double)sampleCount)],
            .. PassAtK.Choices(sampleCount).Select(k => scores.Select(score => PassAtK.Estimate(sampleCount, score.RightCount, k)).ToArray()),
            [.. scores.Select(static score => score.IsMajorityRight ? 1.0 : 0.0)],
        ];
        var hash = new XxHash64();
        hash.Append(Encoding.UTF8.GetBytes(name));
        resampled = Bootstrap.Resample(values, seed ^ hash.GetHash());
        Metrics = [.. values.Zip(resampled, static (value, means) => Bootstrap.Interval(value.Average(), means))];
    }

    /// <summary>The benchmark.</summary>
    public string Name { get; }

    /// <summary>Samples a problem.</summary>
    public int SampleCount { get; }

    /// <summary>The problems' scores in their order.</summary>
    public IReadOnlyList<ProblemScore> Scores { get; }

    /// <summary>Rows of the file that are no problems, see <see cref="Benchmark.SkippedRows"/>.</summary>
    public int SkippedRows { get; init; }

    /// <summary>Problems that could not be put to the model.</summary>
    public int FailedCount => Scores.Count(static score => score.Error is not null);

    /// <summary><c>average@n</c>, <c>pass@k</c> for each k, <c>majority@n</c>.</summary>
    public IReadOnlyList<string> MetricNames { get; }

    /// <summary>Their values in [0, 1].</summary>
    public IReadOnlyList<Estimate> Metrics { get; }

    /// <summary>The mean over samples and problems.</summary>
    public Estimate Average => Metrics[0];

    /// <summary>The mean over benchmarks, whatever their sizes, as the paper's tables have it; each is resampled on its own.</summary>
    /// <param name="results">Of one number of samples.</param>
    /// <returns>By the metrics' order.</returns>
    public static IReadOnlyList<Estimate> Mean(IReadOnlyList<BenchmarkResult> results)
    {
        var mean = new List<Estimate>();
        for (var metric = 0; metric < results[0].Metrics.Count; metric++)
        {
            var means = new double[Bootstrap.Resamples];
            foreach (var result in results)
                for (var i = 0; i < means.Length; i++) means[i] += result.resampled[metric][i] / results.Count;
            mean.Add(Bootstrap.Interval(results.Average(result => result.Metrics[metric].Value), means));
        }

        return mean;
    }
}
