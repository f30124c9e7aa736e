using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using DftNative.Mutation;

// Plants random faults in kernels, launchers and the planner, one at a time, and runs the tests that cover the file.
// Exit code 0: at least 95 % died and every survivor is explained; 1: not so; 2: usage.
var options = MutationOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(MutationOptions.Usage);
    return 2;
}

var root = Directory.GetCurrentDirectory();
string[] candidates =
[
    .. Directory.EnumerateFiles("kernels").Where(path => path.EndsWith(".cu", StringComparison.Ordinal) || path.EndsWith(".cuh", StringComparison.Ordinal)),
    .. Directory.EnumerateFiles("src/DftNative/Backends/Cuda", "CudaBackend.*.cs"),
    .. Directory.EnumerateFiles("src/DftNative/Training/Planning", "*.cs"),
];
var files = candidates.Where(file => file.Contains(options.Files, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToArray();
var sites = files.SelectMany(file => MutationOperators.Sites(file, File.ReadAllText(file))).ToArray();
if (sites.Length == 0)
{
    Console.Error.WriteLine($"no kernel, launcher or part of the planner has '{options.Files}' in its name");
    return 2;
}

new Random(options.Seed).Shuffle(sites);
sites = sites[..Math.Min(options.Count, sites.Length)];
var coveringTests = new CoveringTests(root);
var covering = sites.Select(site => site.File).Distinct().ToDictionary(file => file, coveringTests.Of);

var equivalents = new EquivalentMutants("tests/DftNative.Mutation/equivalent.txt");
using var workspace = new Workspace(root);
var limits = new Dictionary<string, TimeSpan>();
foreach (var group in covering.GroupBy(pair => string.Join(", ", pair.Value)))
{
    var (passed, duration) = workspace.RunUnchanged(group.First().Value);
    if (!passed)
    {
        Console.Error.WriteLine($"tests fail before anything was changed: {group.Key}");
        return 1;
    }

    foreach (var (file, _) in group) limits[file] = (duration * 4) + TimeSpan.FromSeconds(20);
}

var verdicts = new ConcurrentDictionary<MutationSite, Verdict>();
var watch = Stopwatch.StartNew();
Parallel.ForEach(
    sites.Where(site => !IsCSharp(site)), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, Try);
foreach (var site in sites.Where(IsCSharp)) Try(site);

var killed = verdicts.Values.Count(verdict => verdict == Verdict.Killed);
var survivors = verdicts.Where(pair => pair.Value == Verdict.Survived).Select(pair => pair.Key).OrderBy(site => site.File).ThenBy(site => site.Line).ToArray();
var equivalent = verdicts.Values.Count(verdict => verdict == Verdict.Equivalent);
var invalid = verdicts.Values.Count(verdict => verdict == Verdict.Invalid);
var score = killed + survivors.Length == 0 ? 1 : (double)killed / (killed + survivors.Length);
Console.WriteLine();
foreach (var site in survivors) Console.WriteLine($"SURVIVED {Describe(site)}");
Console.WriteLine(
    $"{killed} of {killed + survivors.Length} mutants died ({score.ToString("P1", CultureInfo.InvariantCulture)}); {equivalent} more are equivalent, " +
    $"{invalid} did not compile; seed {options.Seed}, {watch.Elapsed.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)} minutes");
return score >= 0.95 && survivors.Length == 0 ? 0 : 1;

static bool IsCSharp(MutationSite site) => site.File.EndsWith(".cs", StringComparison.Ordinal);

void Try(MutationSite site)
{
    var verdict = workspace.Try(site, covering[site.File], limits[site.File]);
    if (verdict == Verdict.Survived && equivalents.ReasonOf(site.File, Line(site), MutatedLine(site)) is not null) verdict = Verdict.Equivalent;
    verdicts[site] = verdict;
    Console.WriteLine($"{verdicts.Count,4}/{sites.Length} {verdict,-10} {Describe(site)}");
}

static string Line(MutationSite site) => File.ReadAllLines(site.File)[site.Line - 1];

static string MutatedLine(MutationSite site) => site.Apply(Line(site)).Trim();

static string Describe(MutationSite site) => $"{site.File}:{site.Line} {site.Kind}: {MutatedLine(site)}";
