using System.Text.RegularExpressions;

namespace DftNative.Mutation;

/// <summary>
/// Which tests cover a file. A launcher CudaBackend.SwiGlu.cs has SwiGluTests; a kernel file those of the launcher whose
/// variants (SwiGluKernels.cs) name it, and those that name it themselves; a header those of every kernel that includes it;
/// what several launchers share, all of them. Another part of the library has the tests in the folder of its name.
/// </summary>
internal sealed partial class CoveringTests
{
    private const string Launcher = "CudaBackend.";
    private readonly string kernels;
    private readonly string tests;
    private readonly string[] testClasses;
    private readonly Dictionary<string, string> stemOfKernelFile = [];

    /// <summary>Reads the repository's tree.</summary>
    /// <param name="root">The repository.</param>
    public CoveringTests(string root)
    {
        kernels = Path.Combine(root, "kernels");
        tests = Path.Combine(root, "tests", "DftNative.Tests");
        testClasses = ClassesIn("Cuda");
        foreach (var path in Directory.EnumerateFiles(Path.Combine(root, "src", "DftNative", "Backends", "Cuda"), "*Kernels.cs"))
        {
            var stem = Path.GetFileNameWithoutExtension(path)[..^"Kernels".Length];
            foreach (Match match in KernelFile().Matches(File.ReadAllText(path))) stemOfKernelFile[match.Groups[1].Value] = stem;
        }
    }

    /// <summary>The test classes; empty if there are none.</summary>
    /// <param name="file">From the repository's root.</param>
    public IReadOnlyList<string> Of(string file)
    {
        var name = Path.GetFileName(file);
        var stems = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!file.EndsWith(".cs", StringComparison.Ordinal)) AddStems(name, stems);
        else if (name.StartsWith(Launcher, StringComparison.Ordinal)) stems.Add(name[Launcher.Length..^".cs".Length]);
        else return ClassesIn(Path.GetRelativePath("src/DftNative", Path.GetDirectoryName(file)!));
        var classes = Classes(stems);
        return classes.Length > 0 ? classes : Classes([.. stemOfKernelFile.Values]);
    }

    private string[] ClassesIn(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(tests, folder), "*Tests.cs").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    private string[] Classes(HashSet<string> stems) =>
        [.. testClasses.Where(name => stems.Any(stem => name.StartsWith(stem, StringComparison.OrdinalIgnoreCase)))];

    private void AddStems(string file, HashSet<string> stems)
    {
        stems.Add(Path.GetFileNameWithoutExtension(file).Replace("_", "", StringComparison.Ordinal));
        if (stemOfKernelFile.TryGetValue(file, out var stem)) stems.Add(stem);
        stems.UnionWith(testClasses.Where(name => File.ReadAllText(Path.Combine(tests, "Cuda", name + ".cs")).Contains(file, StringComparison.Ordinal)));
        if (!file.EndsWith(".cuh", StringComparison.Ordinal)) return;
        foreach (var path in Directory.EnumerateFiles(kernels))
        {
            if (Include().Matches(File.ReadAllText(path)).Any(match => match.Groups[1].Value == file)) AddStems(Path.GetFileName(path), stems);
        }
    }

    [GeneratedRegex("\"(\\w+\\.cu)\"")]
    private static partial Regex KernelFile();

    [GeneratedRegex("#include \"([^\"]+)\"")]
    private static partial Regex Include();
}
