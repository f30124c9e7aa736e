using DftNative.Evaluation.Grading;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>The answer that most samples of a problem agree on.</summary>
/// <param name="Answer">The first sample's way to write it.</param>
/// <param name="Votes">How many samples agree.</param>
/// <param name="IsRight">Whether that first sample is right.</param>
public sealed record MajorityVote(string Answer, int Votes, bool IsRight)
{
    /// <summary>
    /// Counts votes (Wang et al. 2022): an answer joins the first group whose first answer the grader takes it for;
    /// samples without an answer do not vote; of groups of one size the one that began first wins.
    /// </summary>
    /// <returns>Null if no sample has an answer.</returns>
    public static MajorityVote? Of(IEnumerable<GradedSample> samples)
    {
        var groups = new List<(string Answer, bool IsRight, int Votes)>();
        var groupOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (sample.Extracted is not { } answer) continue;
            if (!groupOf.TryGetValue(answer, out var group))
            {
                group = groups.FindIndex(other => AnswerGrader.AreEqual(answer, other.Answer));
                if (group < 0)
                {
                    group = groups.Count;
                    groups.Add((answer, sample.Verdict == SampleVerdict.Right, 0));
                }

                groupOf.Add(answer, group);
            }

            groups[group] = groups[group] with { Votes = groups[group].Votes + 1 };
        }

        if (groups.Count == 0) return null;
        var (majority, isRight, votes) = groups.MaxBy(static group => group.Votes);
        return new MajorityVote(majority, votes, isRight);
    }
}
