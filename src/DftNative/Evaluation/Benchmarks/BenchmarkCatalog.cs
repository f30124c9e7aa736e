namespace DftNative.Evaluation.Benchmarks;

/// <summary>The benchmarks that are known by name, and where their files are looked for.</summary>
public static class BenchmarkCatalog
{
    private const string QwenSource = "QwenLM/Qwen2.5-Math on GitHub, evaluation/data/";

    private static readonly (string Name, string[] Files, string Source)[] Entries =
    [
        ("math500", ["math500.jsonl", "math_oai/test.jsonl", "math500/test.jsonl"], QwenSource + "math_oai/test.jsonl"),
        ("minerva-math", ["minerva-math.jsonl", "minerva_math/test.jsonl"], QwenSource + "minerva_math/test.jsonl"),
        ("olympiadbench", ["olympiadbench.jsonl", "olympiadbench/test.jsonl"], QwenSource + "olympiadbench/test.jsonl"),
        ("aime24", ["aime24.jsonl", "aime24/test.jsonl"], QwenSource + "aime24/test.jsonl"),
        ("amc23", ["amc23.jsonl", "amc23/test.jsonl"], QwenSource + "amc23/test.jsonl"),
        ("gsm8k", ["gsm8k-test.jsonl", "gsm8k.jsonl", "gsm8k/test.jsonl"], "openai/grade-school-math on GitHub, grade_school_math/data/test.jsonl"),
    ];

    /// <summary>The names, in the order of the paper's table.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>Finds a benchmark's file.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="directory">The folder of the files; the layout of Qwen2.5-Math's evaluation/data is known too.</param>
    /// <param name="others">How the caller is told of a folder and of a file, for errors.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no such benchmark; <see cref="ExitCode.InvalidInput"/>: its file is not there; says where to get it.</exception>
    public static string Locate(string name, string directory, string others = "name its folder with --benchmark_dir, or the file itself with --data")
    {
        var entry = Array.Find(Entries, entry => entry.Name == name);
        if (entry.Name is null) throw new DftNativeException(ExitCode.Usage, $"benchmark: '{name}' is not one of {string.Join(", ", Names)}; other files are given with --data FILE");
        return entry.Files.Select(file => Path.Combine(directory, file)).FirstOrDefault(File.Exists)
            ?? throw new DftNativeException(
                ExitCode.InvalidInput,
                $"benchmark {name}: {directory} has none of {string.Join(", ", entry.Files)}; get the file from {entry.Source} and {others}");
    }
}
