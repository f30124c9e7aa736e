using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Tests.Evaluation.Benchmarks;
using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Evaluation by sampled answers while a model is trained.</summary>
public sealed class AnswerEvaluationTests
{
    private EvaluationModel files = null!;
    private CpuBackend backend = null!;
    private ModelDirectory model = null!;

    [OneTimeSetUp]
    public void MakeModel()
    {
        files = new EvaluationModel();
        backend = new CpuBackend(2);
        model = ModelDirectory.Open(files.ModelPath);
        files.WriteProblems(3);
    }

    [OneTimeTearDown]
    public void RemoveModel()
    {
        model.Dispose();
        backend.Dispose();
        files.Dispose();
    }

    [Test]
    public void TrainingIsBitwiseTheSameWithAndWithout()
    {
        Train("without", Options("without") with { EvalGenerateSteps = 0, EvalGenerateData = [], EvalGenerateSamples = 4, EvalGenerateMaxNewTokens = 512 });
        Train("with", Options("with"));
        var with = TrainerTests.Metrics(files.PathOf("with"));
        var without = TrainerTests.Metrics(files.PathOf("without"));
        Assert.Multiple(() =>
        {
            foreach (var file in new[] { "checkpoint-5/model.safetensors", "checkpoint-5/optimizer.safetensors", "final/model.safetensors" })
                Assert.That(File.ReadAllBytes(files.PathOf("with/" + file)), Is.EqualTo(File.ReadAllBytes(files.PathOf("without/" + file))), file);
            Assert.That(with.Select(step => step.GetProperty("loss").GetDouble()), Is.EqualTo(without.Select(step => step.GetProperty("loss").GetDouble())));
            Assert.That(with.Select(step => step.TryGetProperty("eval_generate_average@2", out _)), Is.EqualTo(new[] { false, true, false, true, true }));
            Assert.That(without.Exists(step => step.TryGetProperty("eval_generate_average@2", out _)), Is.False);
            Assert.That(with[1].GetProperty("eval_generate_tokens").GetDouble(), Is.InRange(1, 20));
            Assert.That(with[1].GetProperty("eval_generate_cut_off").GetDouble(), Is.InRange(0, 1));
        });
    }

    [Test]
    public void AResumedRunHasTheSameEvaluations()
    {
        Train("unbroken", Options("unbroken"));
        Train("broken", Options("broken"), stopAfterStep: 3);
        Train("broken", Options("broken") with { ResumeFromCheckpoint = "latest" });
        Assert.That(ResumeTests.Timeless(files.PathOf("broken")), Is.EqualTo(ResumeTests.Timeless(files.PathOf("unbroken"))));
    }

    /// <summary>A stop that comes while answers are sampled does not wait for them; the run that goes on samples them first.</summary>
    [Test]
    public void AnEvaluationThatIsCutShortIsDoneAgainByTheResumedRun()
    {
        Train("whole", Options("whole"));
        Train("cut", Options("cut"), stopAfterStep: 1);
        var resumed = Options("cut") with { ResumeFromCheckpoint = "latest" };
        // Asked to stop from the begin: a step, and nothing of the evaluation behind it.
        var cut = Train("cut", resumed, isStopped: true);
        var metrics = TrainerTests.Metrics(files.PathOf("cut"));
        var cutAgain = Train("cut", resumed, isStopped: true);
        var end = Train("cut", resumed);
        // As after a kill before the next checkpoint: the values are there and the checkpoint asks for them.
        Train("cut", resumed with { ResumeFromCheckpoint = files.PathOf("cut/checkpoint-2") });
        Assert.Multiple(() =>
        {
            Assert.That((cut.Outcome, cut.StepsDone), Is.EqualTo((TrainingOutcome.Interrupted, 2)));
            Assert.That(metrics[^1].GetProperty("step").GetInt32(), Is.EqualTo(2));
            Assert.That(metrics[^1].TryGetProperty("eval_generate_average@2", out _), Is.False);
            Assert.That((cutAgain.Outcome, cutAgain.StepsDone), Is.EqualTo((TrainingOutcome.Interrupted, 2)));
            Assert.That(end.Outcome, Is.EqualTo(TrainingOutcome.Completed));
            Assert.That(ResumeTests.Timeless(files.PathOf("cut")), Is.EqualTo(ResumeTests.Timeless(files.PathOf("whole"))));
            foreach (var file in new[] { "checkpoint-5/model.safetensors", "checkpoint-5/optimizer.safetensors", "checkpoint-5/trainer_state.json", "final/model.safetensors" })
                Assert.That(File.ReadAllBytes(files.PathOf("cut/" + file)), Is.EqualTo(File.ReadAllBytes(files.PathOf("whole/" + file))), file);
        });
    }

    /// <summary>The evaluation behind the last step too: the run is complete when it has its value.</summary>
    [Test]
    public void AnEvaluationThatIsCutShortBehindTheLastStepIsDoneAgain()
    {
        Train("last", Options("last") with { MaxSteps = 1 }, isStopped: true);
        var observer = new AnswerRecorder();
        var end = Train("last", Options("last") with { MaxSteps = 1, ResumeFromCheckpoint = "latest" }, observer: observer);
        Assert.Multiple(() =>
        {
            Assert.That(end.Outcome, Is.EqualTo(TrainingOutcome.Completed));
            Assert.That(observer.Steps, Is.EqualTo(new[] { 1 }));
            Assert.That(TrainerTests.Metrics(files.PathOf("last")).Single().GetProperty("eval_generate_tokens").GetDouble(), Is.Positive);
        });
    }

    /// <summary>The run's own model is asked: what it has learnt by heart it answers.</summary>
    [Test]
    public void AModelThatHasLearntItsAnswersIsRight()
    {
        var result = Train("learnt", Options("learnt") with { MaxSteps = 60, LearningRate = 1e-2, GlobalBatchSize = 3, EvalGenerateSteps = 60, EvalGenerateMaxNewTokens = 12 });
        var metrics = TrainerTests.Metrics(files.PathOf("learnt"));
        Assert.Multiple(() =>
        {
            Assert.That(result.StepsDone, Is.EqualTo(60));
            Assert.That(metrics[^1].GetProperty("nll").GetDouble(), Is.LessThan(0.1), "the rows are learnt by heart");
            Assert.That(metrics[^1].GetProperty("eval_generate_average@2").GetDouble(), Is.GreaterThan(0.5));
            Assert.That(metrics[^1].GetProperty("eval_generate_cut_off").GetDouble(), Is.LessThan(0.5));
        });
    }

    [TestCase(2, false)]
    [TestCase(0, true)]
    public void HowOftenAndOnWhatNeedEachOther(int steps, bool hasData)
    {
        var options = new TrainingOptions { EvalGenerateSteps = steps, EvalGenerateData = hasData ? ["problems.jsonl"] : [] };
        Assert.That(() => OptionCatalog.Validate(options), Throws.TypeOf<DftNativeException>().With.Message.Contains("need each other"));
    }

    [Test]
    public void APromptThatDoesNotFitIsAnErrorBeforeTheRun()
    {
        var path = files.Write("long.jsonl", $$"""{"question": "{{string.Concat(Enumerable.Repeat("1 + 1 ", 200))}}", "answer": "2"}""");
        Assert.That(
            () => AnswerProblems.Read(new TrainingOptions { EvalGenerateData = [path] }, Fixtures.Tokenizer, model.Configuration),
            Throws.TypeOf<DftNativeException>().With.Message.Contains("long.jsonl").And.Message.Contains("the model takes 512"));
    }

    [Test]
    public void APromptOfTokensThatTheModelHasNotIsAnErrorBeforeTheRun() => Assert.That(
        () => AnswerProblems.Read(new TrainingOptions { EvalGenerateData = [files.PathOf("sums.jsonl")] }, Fixtures.Tokenizer, model.Configuration with { VocabularySize = 100 }),
        Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.InvalidInput).And.Message.Contains("sums.jsonl").And.Message.Contains("the model's are 0 to 99"));

    private TrainingOptions Options(string output) => new()
    {
        OutputDirectory = files.PathOf(output),
        GlobalBatchSize = 2,
        MaxSteps = 5,
        LearningRate = 1e-3,
        MicroBatchTokens = 96,
        SaveSteps = 0,
        LossType = DftNative.Losses.LossType.Sft,
        EvalGenerateSteps = 2,
        EvalGenerateData = [files.PathOf("sums.jsonl")],
        EvalGenerateSamples = 2,
        EvalGenerateMaxNewTokens = 20,
    };

    private TrainingResult Train(string output, TrainingOptions options, int stopAfterStep = 0, bool isStopped = false, ITrainingObserver? observer = null)
    {
        Assert.That(options.OutputDirectory, Does.EndWith(output));
        var problems = options.EvalGenerateSteps == 0 ? null : AnswerProblems.Read(options, Fixtures.Tokenizer, model.Configuration);
        using var stop = new CancellationTokenSource();
        if (isStopped) stop.Cancel();
        using var trainer = new Trainer(backend, model, Rows(), [], options, answerProblems: problems);
        return trainer.Run(observer ?? new TinyRun.StopAfterStep(stopAfterStep, stop), stop.Token);
    }

    /// <summary>The sums' prompts and their right answers.</summary>
    private List<TrainingRow> Rows()
    {
        var prompts = new BenchmarkPrompts(Fixtures.Tokenizer, model.Configuration, PromptStyle.QwenBoxed);
        return [.. BenchmarkReader.Read("sums", files.PathOf("sums.jsonl")).Problems.Select(problem =>
        {
            var prompt = prompts.Encode(problem.Question);
            int[] answer = [.. Fixtures.Tokenizer.Encode($"\\boxed{{{problem.Answer}}}"), Fixtures.Tokenizer.TokenToId("<|im_end|>")!.Value];
            return new TrainingRow([.. prompt, .. answer], [.. prompt.Select(_ => TrainingRow.IgnoredLabel), .. answer]);
        })];
    }

    /// <summary>Notes the steps whose evaluations were caught up on.</summary>
    private sealed class AnswerRecorder : ITrainingObserver
    {
        public List<int> Steps { get; } = [];

        public void OnStarted(TrainingPlan plan) { }

        public void OnStep(StepMetrics metrics) { }

        public void OnAnswers(int step, AnswerMetrics answers) => Steps.Add(step);

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
