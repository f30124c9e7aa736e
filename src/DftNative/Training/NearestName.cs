namespace DftNative.Training;

/// <summary>Finds the name that a user may have meant.</summary>
public static class NearestName
{
    /// <summary>Shorter names are in too many others to be meant.</summary>
    private const int LeastContainedLength = 4;

    /// <summary>
    /// The candidate with the smallest Levenshtein distance to <paramref name="name"/>, among those that contain it if
    /// there are any; the first of equals.
    /// </summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is.</param>
    /// <returns>Null if none is so near that it may be meant: a third of the letters may differ.</returns>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        var nearest = candidates.MinBy(candidate => (!Contains(candidate), Distance(name, candidate)));
        return nearest is not null && (Contains(nearest) || Distance(name, nearest) <= Math.Max(1, (name.Length + 1) / 3)) ? nearest : null;

        bool Contains(string candidate) => name.Length >= LeastContainedLength && candidate.Contains(name, StringComparison.Ordinal);
    }

    /// <summary>The end of a message that says a name is unknown: a question for the nearest one, or nothing.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is.</param>
    /// <param name="prefix">Before the name where users write it.</param>
    public static string Suggest(string name, IEnumerable<string> candidates, string prefix = "") =>
        Find(name, candidates) is { } nearest ? $"; did you mean '{prefix}{nearest}'?" : "";

    /// <summary>Levenshtein's distance: single-character insertions, deletions and substitutions.</summary>
    public static int Distance(string first, string second)
    {
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 0; i < first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < second.Length; j++)
            {
                var substitution = diagonal + (first[i] == second[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(substitution, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
