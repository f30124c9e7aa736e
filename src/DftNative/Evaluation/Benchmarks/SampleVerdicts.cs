namespace DftNative.Evaluation.Benchmarks;

/// <summary>The verdicts' names in files.</summary>
internal static class SampleVerdicts
{
    /// <summary>By name, in their order.</summary>
    public static IReadOnlyList<(string Name, SampleVerdict Verdict)> All { get; } =
    [
        ("right", SampleVerdict.Right),
        ("wrong", SampleVerdict.Wrong),
        ("unparsed", SampleVerdict.Unparsed),
        ("no_answer", SampleVerdict.NoAnswer),
    ];

    public static string NameOf(SampleVerdict verdict) => All.First(entry => entry.Verdict == verdict).Name;

    public static SampleVerdict? Parse(string? name) => All.Where(entry => entry.Name == name).Select(static entry => (SampleVerdict?)entry.Verdict).FirstOrDefault();
}
