namespace DftNative.Evaluation.Benchmarks;

/// <summary>What results call the files of problems: no two the same, since results go by name.</summary>
public static class BenchmarkNames
{
    /// <summary>Checks that no known benchmark is named twice.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>.</exception>
    public static void RequireOnce(IEnumerable<string> names)
    {
        if (names.GroupBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { Key: var twice })
            throw new DftNativeException(ExitCode.Usage, $"benchmark: {twice} is given twice; name it once");
    }

    /// <summary>The file's name without its endings, and as many folders above it as tell it from the others.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="taken">Names of others.</param>
    /// <returns>A name a file, such as <c>test</c>, or <c>aime24/test</c> and <c>amc23/test</c>.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a file is given twice.</exception>
    public static IReadOnlyList<string> Choose(IReadOnlyList<string> paths, IReadOnlyCollection<string> taken)
    {
        string[][] candidates = [.. paths.Select(path => Candidates(Path.GetFullPath(path)).ToArray())];
        if (candidates.GroupBy(static own => own[^1], StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { Key: var twice })
            throw new DftNativeException(ExitCode.Usage, $"{twice} is given twice; name it once");
        var chosen = new int[paths.Count];
        while (true)
        {
            string[] names = [.. chosen.Select((choice, file) => candidates[file][choice])];
            // The last candidate of each is a path, which no other has.
            int[] alike = [.. Enumerable.Range(0, names.Length).Where(file => chosen[file] < candidates[file].Length - 1 && (taken.Contains(names[file]) || names.Count(name => name == names[file]) > 1))];
            if (alike.Length == 0) return names;
            foreach (var file in alike) chosen[file]++;
        }
    }

    /// <summary>From the shortest to the path.</summary>
    private static IEnumerable<string> Candidates(string path)
    {
        var name = Path.GetFileName(path).Split('.')[0];
        yield return name;
        for (var folder = Path.GetDirectoryName(path); Path.GetFileName(folder) is { Length: > 0 } above; folder = Path.GetDirectoryName(folder))
            yield return name = $"{above}/{name}";
        yield return path;
    }
}
