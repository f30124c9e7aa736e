namespace DftNative.Training;

/// <summary>Finds the name that a user may have meant.</summary>
public static class NearestName
{
    /// <summary>
    /// The candidate with the smallest Levenshtein distance to <paramref name="name"/>, among those that contain it if
    /// there are any; the first of equals.
    /// </summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is; not empty.</param>
    public static string Find(string name, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => (!candidate.Contains(name, StringComparison.Ordinal), Distance(name, candidate)))!;

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
