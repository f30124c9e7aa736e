namespace DftNative.Evaluation.Analysis;

/// <summary>Short names for models that a user named by paths.</summary>
public static class ModelNames
{
    /// <summary>As many of each path's last parts as tell it from the others; a model that is named twice gets a number.</summary>
    public static IReadOnlyList<string> Shorten(IReadOnlyList<string> paths)
    {
        string[][] parts = [.. paths.Select(path => path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray())];
        return [.. parts.Select((_, i) => Shorten(parts, i))];
    }

    private static string Shorten(string[][] parts, int index)
    {
        for (var count = 1; count <= parts[index].Length; count++)
        {
            var name = Ending(index, count);
            if (parts.Where((_, other) => other != index && Ending(other, count) == name).Any()) continue;
            return name;
        }

        return $"{Ending(index, 1)} ({index + 1})";

        string Ending(int path, int count) => string.Join('/', parts[path].TakeLast(count));
    }
}
