using System.Text.Json;
using System.Xml.Linq;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Experiments;
using DftNative.Reporting;
using DftNative.Tests.Models;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Experiments;

/// <summary>Comparisons of three steps.</summary>
public sealed class ExperimentRunnerTests
{
    private const string Small =
        "task: addition\ndemonstrations: 12\nproblems: 8\ncurve_points: 2\ncurve_problems: 4\nlosses: [sft, dft]\nlearning_rates: [1e-3]\nbatch_sizes: [4]\n";

    private const string Numbers = "compare.json", Report = "report.html", Picture = "compare.svg";

    private ScratchDirectory scratch = null!;

    [SetUp]
    public void CreateDirectory() => scratch = new ScratchDirectory();

    [TearDown]
    public void RemoveDirectory() => scratch.Dispose();

    [Test]
    public void AComparisonIsTheSameFileWhateverInterruptedIt()
    {
        Run("whole", Small + "seeds: [1, 2]\n", jobs: 2);
        using var cancellation = new CancellationTokenSource();
        Assert.That(
            () => Run("cut", Small + "seeds: [1, 2]\n", new Observer { OnFinished = count => { if (count == 2) cancellation.Cancel(); } }, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var unfinished = Read("cut", Report);
        var kept = Results("cut").ToDictionary(file => file, File.GetLastWriteTimeUtc);

        var resumed = new Observer();
        Run("cut", Small + "seeds: [1, 2]\n", resumed);
        Assert.Multiple(() =>
        {
            Assert.That(unfinished, Does.Contain("Unfinished: 2 of 4 runs"));
            Assert.That(kept, Has.Count.EqualTo(2));
            Assert.That(resumed.Started, Has.Count.EqualTo(2), "only the others are run");
            foreach (var (file, time) in kept) Assert.That(File.GetLastWriteTimeUtc(file), Is.EqualTo(time), file);
            foreach (var file in new[] { Numbers, Report, Picture }) Assert.That(Read("cut", file), Is.EqualTo(Read("whole", file)), file);
            Assert.That(Read("cut", Report), Does.Not.Contain("Unfinished"));
        });
    }

    [Test]
    public void SeedsAreAddedAndFinishedRunsStay()
    {
        Run("out", Small + "seeds: [1]\n");
        var observer = new Observer();
        var comparison = Run("out", Small + "seeds: [1, 2]\n", observer);
        Run("fresh", Small + "seeds: [1, 2]\n");
        Assert.Multiple(() =>
        {
            Assert.That(observer.Started, Is.EqualTo(new[] { "sft-lr0.001-b4-s2", "dft-lr0.001-b4-s2" }));
            Assert.That(comparison.IsComplete);
            Assert.That(Read("out", Numbers), Is.EqualTo(Read("fresh", Numbers)));
        });
    }

    /// <summary>Also where the settings of the runs, of which the device's type is one, are asked for while a device is in use.</summary>
    [TestCase(1)]
    [TestCase(2)]
    public void AComparisonOpensADeviceForEachRunAtOnce(int jobs)
    {
        var experiment = ExperimentFile.Read(new StringReader(Small + "seeds: [1]\n"), "grid.yaml");
        using var subject = new DemoSubject(experiment.Task!);
        var opened = 0;
        new ExperimentRunner(experiment, subject, scratch.PathOf("out"), Open, jobs).Run(new Observer());
        Assert.That(opened, Is.InRange(1, jobs));

        CpuBackend Open()
        {
            Interlocked.Increment(ref opened);
            return new CpuBackend(1);
        }
    }

    [TestCase("problems: 8", "problems: 7", "problems 8, and now it is 7")]
    [TestCase("task: addition", "task: addition\nweight_decay: 0.5", "weight_decay 0.01, and now it is 0.5")]
    [TestCase("[sft, dft]", "[sft, {name: dft, loss_type: dft, dft_exponent: 0.5}]", "dft_exponent 1, and now it is 0.5")]
    public void RunsOfOtherSettingsAreRefused(string was, string now, string message)
    {
        Run("out", Small + "seeds: [1]\n");
        var before = Read("out", Numbers);
        var error = Assert.Throws<DftNativeException>(() => Run("out", Small.Replace(was, now, StringComparison.Ordinal) + "seeds: [1]\n"))!;
        Assert.Multiple(() =>
        {
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(error.Message, Does.Contain(message).And.Contain("--output"));
            Assert.That(Read("out", Numbers), Is.EqualTo(before));
        });
    }

    /// <summary>Its rounding is another.</summary>
    [Test]
    public void RunsOfAnotherDeviceAreRefused()
    {
        Run("out", Small + "seeds: [1]\n");
        foreach (var file in Results("out")) File.WriteAllText(file, File.ReadAllText(file).Replace("\"cpu\"", "\"a GPU\"", StringComparison.Ordinal));
        var exception = Assert.Throws<DftNativeException>(() => Run("out", Small + "seeds: [1]\n"))!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.Contain("was made with device a GPU, and now it is cpu"));
    }

    [Test]
    public void ARunThatFailsIsRecordedAndTheOthersGoOn()
    {
        var text = Small.Replace("[1e-3]", "[1e38, 1e-3]", StringComparison.Ordinal) + "seeds: [1]\n";
        var comparison = Run("out", text);
        var again = new Observer();
        Run("out", text, again);
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Failures.Select(failure => failure.Cell.Setting.LearningRate), Is.EqualTo(new[] { 1e38, 1e38 }));
            Assert.That(comparison.Failures[0].Reason, Does.Contain("not finite"));
            Assert.That(comparison.IsComplete);
            Assert.That(comparison.BestSettings.Select(best => best.Setting.LearningRate), Is.EqualTo(new[] { 1e-3, 1e-3 }));
            Assert.That(Read("out", Report), Does.Contain("Failed runs"));
            Assert.That(again.Started, Is.Empty, "a run that failed would fail again");
        });
    }

    [Test]
    public void TheNumbersAreTheRuns()
    {
        var comparison = Run("out", Small + "seeds: [1, 2]\n");
        using var json = JsonDocument.Parse(Read("out", Numbers));
        var settings = json.RootElement.GetProperty("settings");
        using var run = JsonDocument.Parse(Read("out", "runs/dft-lr0.001-b4-s2/result.json"));
        var pair = comparison.SameSettingPairs.Single();
        Assert.Multiple(() =>
        {
            Assert.That(settings.GetArrayLength(), Is.EqualTo(2));
            Assert.That(settings[1].GetProperty("values")[1].GetDouble(), Is.EqualTo(run.RootElement.GetProperty("accuracy").GetDouble()));
            Assert.That(run.RootElement.GetProperty("scores").GetArrayLength(), Is.EqualTo(8));
            Assert.That(settings[0].GetProperty("curve").GetProperty("step").EnumerateArray().Select(step => step.GetInt32()), Is.EqualTo(new[] { 0, 2, 3 }));
            Assert.That((pair.First.Setting.Loss.Name, pair.Second.Setting.Loss.Name), Is.EqualTo(("dft", "sft")));
            Assert.That(pair.Difference, Is.EqualTo(comparison.Settings[1].Mean - comparison.Settings[0].Mean).Within(1e-12));
            Assert.That(comparison.Settings[1].Runs[0].Result.Curve[0], Is.EqualTo(comparison.Settings[0].Runs[0].Result.Curve[0]), "the same model, problems and random numbers");
            Assert.That(comparison.Settings[1].Runs[0].Result.EvalNll, Is.Not.EqualTo(comparison.Settings[0].Runs[0].Result.EvalNll));
        });
    }

    [Test]
    public void ALaterGridRunsAtTheBestSetting()
    {
        var comparison = Run("out", """
            task: recall
            facts: 8
            demonstrations: 64
            problems: 8
            curve_points: 2
            grids:
              - {losses: [sft], learning_rates: [1e-9, 3e-3], batch_sizes: [8], seeds: [1]}
              - best_of: sft
                losses: [focal, asft]
                seeds: [1]
            """);
        var best = SettingSummary.Best(comparison.Settings.Where(setting => setting.Setting.Loss.Name == "sft"))!;
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Settings.Skip(2).Select(setting => (setting.Setting.Loss.Name, setting.Setting.LearningRate)),
                Is.EqualTo(new[] { ("focal", best.Setting.LearningRate), ("asft", best.Setting.LearningRate) }));
            Assert.That(comparison.IsComplete);
        });
    }

    [Test]
    public void ReportAndPictureAreWellFormed()
    {
        Run("out", Small.Replace("[1e-3]", "[1e-3, 1e-4]", StringComparison.Ordinal) + "seeds: [1, 2]\n");
        var page = XDocument.Parse(Read("out", Report).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        var picture = XDocument.Parse(Read("out", Picture));
        Assert.Multiple(() =>
        {
            Assert.That(page.Descendants().Count(element => element.Name.LocalName == "svg"), Is.EqualTo(2 + 1 + 2 + 2), "best and its curves, learning rates, two of NLL, curves of two settings");
            Assert.That(page.Descendants().Where(element => element.Name.LocalName == "polyline"), Is.Not.Empty);
            Assert.That(picture.Descendants().Count(element => element.Name.LocalName == "polyline"), Is.EqualTo(4), "the best settings' curves and the learning rates, of two losses");
            Assert.That(picture.Root!.Attribute("viewBox")!.Value, Does.StartWith(FormattableString.Invariant($"0 0 {(2 * ChartFrame.Width) + 20} ")), "two charts a row");
        });
    }

    [Test]
    public void ADirectoryOfSomethingElseIsRefused()
    {
        Directory.CreateDirectory(scratch.PathOf("out"));
        scratch.Write("out/mine.txt", "x");
        Assert.That(() => Run("out", Small + "seeds: [1]\n"), Throws.TypeOf<DftNativeException>().With.Message.Contains("mine.txt"));
        scratch.Write("file", "x");
        Assert.That(() => Run("file", Small + "seeds: [1]\n"), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.Usage));
    }

    [Test]
    public void ALossThatTheDeviceHasNotIsRefusedBeforeAnythingRuns()
    {
        var experiment = ExperimentFile.Read(new StringReader(Small.Replace("[sft, dft]", "[sft, eaft]", StringComparison.Ordinal) + "seeds: [1]\n"), "grid.yaml");
        using var subject = new DemoSubject(experiment.Task!);
        var observer = new Observer();
        var runner = new ExperimentRunner(experiment, subject, scratch.PathOf("out"), () => new AlteredBackend { Limits = BackendLimits.None with { ProbabilityWeightsOnly = true } });
        Assert.That(() => runner.Run(observer), Throws.TypeOf<DftNativeException>().With.Message.Contains("eaft"));
        Assert.That(observer.Started, Is.Empty);
    }

    [Test]
    public void ADamagedResultIsNamed()
    {
        Directory.CreateDirectory(scratch.PathOf("out/runs/sft-lr0.001-b4-s1"));
        scratch.Write("out/runs/sft-lr0.001-b4-s1/result.json", "{");
        Assert.That(() => Run("out", Small + "seeds: [1]\n"), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.InvalidInput).And.Message.Contains("remove it"));
    }

    private Comparison Run(string name, string text, Observer? observer = null, CancellationToken cancellation = default, int jobs = 1)
    {
        var experiment = ExperimentFile.Read(new StringReader(text), "grid.yaml");
        using var subject = new DemoSubject(experiment.Task!);
        return new ExperimentRunner(experiment, subject, scratch.PathOf(name), () => new CpuBackend(1), jobs).Run(observer ?? new Observer(), cancellation);
    }

    private string Read(string directory, string file) => File.ReadAllText(Path.Combine(scratch.PathOf(directory), file));

    private string[] Results(string directory) => Directory.GetFiles(scratch.PathOf(directory), "result.json", SearchOption.AllDirectories);

    private sealed class Observer : IExperimentObserver
    {
        public List<string> Started { get; } = [];

        public Action<int> OnFinished { get; init; } = _ => { };

        public void OnStarted(int cellCount, int finishedCount) { }

        public void OnCellStarted(ExperimentCell cell) => Started.Add(cell.Name);

        public void OnStep(ExperimentCell cell, int step, int stepCount) { }

        public void OnCellFinished(ExperimentCell cell, CellResult result, int finishedCount) => OnFinished(finishedCount);
    }
}
