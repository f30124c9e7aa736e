using System.Globalization;
using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>Problems with reference answers.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Problems">The problems; a problem's number is its place from 0.</param>
public sealed record Benchmark(string Name, IReadOnlyList<BenchmarkProblem> Problems)
{
    /// <summary>Rows of the file that were left out: worked solutions without an answer that is marked.</summary>
    public int SkippedRows { get; init; }

    /// <summary>What a user should know of them; null: there are none.</summary>
    public string? SkippedNotice => SkippedRows == 0 ? null : $"{Name}: {SkippedRows} rows are left out, whose solutions have no \\boxed{{}} or ####";

    /// <summary>XXH64 of the problems and their answers: what an evaluation that is continued must not change.</summary>
    public string ComputeFingerprint()
    {
        var hash = new XxHash64();
        foreach (var problem in Problems)
        {
            foreach (var text in (IEnumerable<string>)[problem.Question, problem.Answer, .. problem.AnswerAfter is { } mark ? [mark] : (string[])[]])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                hash.Append(BitConverter.GetBytes(bytes.Length));
                hash.Append(bytes);
            }
        }

        return hash.GetHash().ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>The first problems alone.</summary>
    /// <param name="count">How many; 0: all.</param>
    public Benchmark Limit(int count) => count == 0 ? this : this with { Problems = [.. Problems.Take(count)] };
}
