using System.Text.Json;
using DftNative.Backends.Cpu;
using DftNative.Demo;
using DftNative.Evaluation.Benchmarks;
using DftNative.Evaluation.Grading;

namespace DftNative.Tests.Demo;

public sealed class DemoRunnerTests
{
    private static readonly DemoSettings Short = new() { Seed = 3, StepCount = 3, BatchSize = 4, ProblemCount = 8, CurveProblemCount = 4, CurveInterval = 2 };

    private string parent = "";

    private string Output => Path.Combine(parent, "demo");

    [SetUp]
    public void CreateDirectory() => parent = Directory.CreateTempSubdirectory("dftnative-tests-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(parent, recursive: true);

    [Test]
    public void ADemoWritesTheNumbersTheReportAndTheModels()
    {
        var observer = new RecordingObserver();
        var result = Run(Short, observer);

        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Output, "demo.json")));
        var models = json.RootElement.GetProperty("models");
        Assert.Multiple(() =>
        {
            Assert.That(models.EnumerateObject().Select(model => model.Name), Is.EqualTo(new[] { "base", "sft", "dft" }));
            foreach (var model in models.EnumerateObject())
            {
                var accuracy = model.Value.GetProperty("accuracy").GetDouble();
                Assert.That(accuracy, Is.EqualTo(result[model.Name].CorrectCount / 8.0));
                Assert.That(model.Value.GetProperty("standard_error").GetDouble(), Is.EqualTo(Math.Sqrt(accuracy * (1 - accuracy) / 8)).Within(1e-12));
                Assert.That(model.Value.GetProperty("greedy_accuracy").GetDouble(), Is.InRange(0, 1));
                Assert.That(model.Value.GetProperty("token_probability_histogram").EnumerateArray().Sum(count => count.GetDouble()), Is.EqualTo(8 * 42));
            }

            Assert.That(Curve(models, "sft"), Is.EqualTo(new[] { 0, 2, 3 }));
            Assert.That(Curve(models, "dft"), Is.EqualTo(new[] { 0, 2, 3 }));
            Assert.That(models.GetProperty("sft").GetProperty("training_tokens").GetInt64(), Is.EqualTo(3 * 4 * 52));
            Assert.That(observer.Steps, Is.EqualTo(new[] { "sft 1", "sft 2", "sft 3", "dft 1", "dft 2", "dft 3" }));
            Assert.That(File.ReadAllText(Path.Combine(Output, "report.html")), Does.StartWith("<!DOCTYPE html>"));
            foreach (var name in new[] { "base", "sft", "dft" })
                Assert.That(File.Exists(Path.Combine(Output, "models", name, "model.safetensors")), $"models/{name}");
        });
    }

    /// <summary>What the models were trained and measured on is there for the other commands, whose grader judges as the demo does.</summary>
    [Test]
    public void ADemoWritesItsRows()
    {
        Run(Short);
        var problems = BenchmarkReader.Read("problems", Path.Combine(Output, "problems.jsonl")).Problems;
        var solutions = Rows("solutions.jsonl");
        var drawn = AdditionTask.DrawHeldOut(3, 8);
        Assert.Multiple(() =>
        {
            Assert.That(Rows("demonstrations.jsonl"), Is.EqualTo(Enumerable.Range(0, 3 * 4).Select(i => AdditionTask.Demonstrate(3, i, Short.WrongStepShare)).Select(item => (item.Problem.Prompt, item.Solution))));
            Assert.That(problems, Is.EqualTo(drawn.Select(problem => new BenchmarkProblem(problem.Prompt, problem.Answer) { AnswerAfter = ";" })));
            Assert.That(solutions, Is.EqualTo(drawn.Select(problem => (problem.Prompt, WorkedAddition.Solve(problem)))));
            foreach (var (problem, (_, solution)) in problems.Zip(solutions))
            {
                Assert.That(AnswerGrader.Grade(solution, problem.Answer, problem.AnswerAfter).IsEqual, solution);
                Assert.That(AnswerGrader.Grade(solution[..^1] + (char)(solution[^1] ^ 1), problem.Answer, problem.AnswerAfter).IsEqual, Is.False, solution);
            }
        });

        List<(string, string)> Rows(string name) =>
        [
            .. File.ReadLines(Path.Combine(Output, name)).Select(line => JsonDocument.Parse(line).RootElement)
                .Select(row => (row.GetProperty("prompt").GetString()!, row.GetProperty("completion").GetString()!)),
        ];
    }

    [Test]
    public void ASeedDecidesTheResultWhateverTheThreadsAndAnotherGivesAnother()
    {
        var weights = Weights(Short, threads: 1);
        var again = Weights(Short, threads: 2);
        var other = Weights(Short with { Seed = 4 }, threads: 2);

        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(weights));
            Assert.That(other, Is.Not.EqualTo(weights));
            Assert.That(other.Nll, Is.Not.EqualTo(weights.Nll), "Other held-out problems.");
        });
    }

    [Test]
    public void SftAndDftStartFromTheSameModelAndEndApart()
    {
        var result = Run(Short);

        Assert.Multiple(() =>
        {
            Assert.That(result["dft"].Curve[0], Is.EqualTo(result["sft"].Curve[0]));
            Assert.That(result["dft"].Curve[^1].HeldOutNll, Is.Not.EqualTo(result["sft"].Curve[^1].HeldOutNll));
        });
    }

    [Test]
    public void ADirectoryThatIsNotADemosIsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(Output);
        foreach (var (file, contents) in new[] { ("notes.txt", "mine"), ("demo.json", "{}"), ("demo.json", "not JSON") })
        {
            File.WriteAllText(Path.Combine(Output, file), contents);
            var error = Assert.Throws<DftNativeException>(() => Run(Short))!;
            Assert.Multiple(() =>
            {
                Assert.That(error.ExitCode, Is.EqualTo(ExitCode.Usage));
                Assert.That(error.Message, Does.Contain(Output).And.Contain("--output"));
                Assert.That(File.ReadAllText(Path.Combine(Output, file)), Is.EqualTo(contents));
            });
            File.Delete(Path.Combine(Output, file));
        }
    }

    [Test]
    public void ANameThatIsNoDirectoryIsRefused([Values("", " ", "file")] string name)
    {
        var path = name == "file" ? Path.Combine(parent, name) : name;
        if (name == "file") File.WriteAllText(path, "mine");
        using var backend = new CpuBackend(1);
        Assert.That(() => DemoRunner.Run(backend, Short, path), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.Usage));
    }

    [Test]
    public void AnEarlierDemoIsReplacedUnlessSomethingElseLiesInIt()
    {
        Run(Short);
        var first = File.ReadAllText(Path.Combine(Output, "demo.json"));
        Run(Short with { Seed = 5 });
        Assert.That(File.ReadAllText(Path.Combine(Output, "demo.json")), Is.Not.EqualTo(first));

        File.WriteAllText(Path.Combine(Output, "notes.txt"), "mine");
        Assert.That(() => Run(Short), Throws.TypeOf<DftNativeException>().With.Message.Contains("notes.txt"));
    }

    [Test]
    public void ADemoThatFailsLeavesTheEarlierOneAndNothingElse()
    {
        Run(Short);
        var before = File.ReadAllBytes(Path.Combine(Output, "demo.json"));
        using var cancellation = new CancellationTokenSource();

        using var backend = new CpuBackend(1);
        Assert.That(
            () => DemoRunner.Run(backend, Short, Output, new RecordingObserver { OnEveryStep = cancellation.Cancel }, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Output, "demo.json")), Is.EqualTo(before));
            Assert.That(Directory.EnumerateFileSystemEntries(parent).ToArray(), Is.EqualTo(new[] { Output }));
        });
    }

    [Test]
    [Category("Slow")]
    public void DftIsFarAboveSft()
    {
        var result = Run(new DemoSettings { Seed = 1 });

        Assert.Multiple(() =>
        {
            Assert.That(result["base"].Accuracy, Is.InRange(0.5, 0.8));
            Assert.That(result["dft"].Accuracy, Is.GreaterThan(0.9));
            Assert.That(result.DftAdvantage, Is.GreaterThan(0.2));
        });
    }

    private DemoResult Run(DemoSettings settings, IDemoObserver? observer = null)
    {
        using var backend = new CpuBackend(2);
        return DemoRunner.Run(backend, settings, Output, observer);
    }

    private (string Hash, double Nll) Weights(DemoSettings settings, int threads)
    {
        using var backend = new CpuBackend(threads);
        var result = DemoRunner.Run(backend, settings, Output);
        var bytes = File.ReadAllBytes(Path.Combine(Output, "models", "dft", "model.safetensors"));
        return (Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)), result["base"].Solutions.NegativeLogLikelihood);
    }

    private static int[] Curve(JsonElement models, string name) =>
        [.. models.GetProperty(name).GetProperty("curve").EnumerateArray().Select(point => point.GetProperty("step").GetInt32())];

    private sealed class RecordingObserver : IDemoObserver
    {
        public List<string> Steps { get; } = [];

        public Action OnEveryStep { get; init; } = () => { };

        public void OnStarted(string device, long parameterCount) { }

        public void OnStep(DemoStep step)
        {
            Steps.Add($"{step.Model} {step.Step}");
            OnEveryStep();
        }

        public void OnCurvePoint(string model, DemoCurvePoint point) { }

        public void OnModel(DemoModelResult result) { }
    }
}
