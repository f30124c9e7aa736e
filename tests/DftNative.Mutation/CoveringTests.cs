using System.Text.RegularExpressions;

namespace DftNative.Mutation;

/// <summary>
/// Which tests cover a file: those whose class begins with the same stem (kernels/residual_rmsnorm.cu and
/// CudaBackend.ResidualRmsNorm.cs: ResidualRmsNormTests), and for a header those of every kernel that includes it.
/// </summary>
internal static partial class CoveringTests
{
    /// <summary>The test classes; empty if there are none.</summary>
    public static IReadOnlyList<string> Of(string root, string file)
    {
        var classes = Directory.EnumerateFiles(Path.Combine(root, "tests", "DftNative.Tests", "Cuda"), "*Tests.cs")
            .Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal).ToArray();
        var stems = new HashSet<string>([Stem(file)], StringComparer.OrdinalIgnoreCase);
        if (file.EndsWith(".cuh", StringComparison.Ordinal)) AddIncluders(root, Path.GetFileName(file), stems);
        return [.. classes.Where(name => stems.Any(stem => name.StartsWith(stem, StringComparison.OrdinalIgnoreCase)))];
    }

    private static string Stem(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return name.StartsWith("CudaBackend.", StringComparison.Ordinal) ? name["CudaBackend.".Length..] : name.Replace("_", "", StringComparison.Ordinal);
    }

    private static void AddIncluders(string root, string header, HashSet<string> stems)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(root, "kernels")))
        {
            if (!Include().Matches(File.ReadAllText(path)).Any(match => match.Groups[1].Value == header)) continue;
            if (stems.Add(Stem(path)) && path.EndsWith(".cuh", StringComparison.Ordinal)) AddIncluders(root, Path.GetFileName(path), stems);
        }
    }

    [GeneratedRegex("#include \"([^\"]+)\"")]
    private static partial Regex Include();
}
