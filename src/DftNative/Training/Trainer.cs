using System.Diagnostics;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Reporting;
using DftNative.Training.Planning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DftNative.Training;

/// <summary>
/// Fine-tunes a model: steps, evaluations, checkpoints, the result. Prints nothing: it tells an <see cref="ILogger"/>
/// and an <see cref="ITrainingObserver"/>, and writes to the output directory.
/// </summary>
public sealed partial class Trainer : IDisposable
{
    private const int PackingSampleSteps = 20;

    private readonly IBackend backend;
    private readonly ModelTemplate template;
    private readonly ILogger logger;
    private readonly RunDirectory directory;
    private readonly IReadOnlyList<TrainingRow> rows;
    private readonly IReadOnlyList<TrainingRow> evaluationRows;
    private readonly string? resumedFrom;
    private readonly DataOrder order;
    private readonly LearningRateSchedule schedule;
    private readonly Transformer transformer;
    private readonly AdamWOptimizer optimizer;
    private readonly StepRunner stepRunner;
    private readonly StepProfiler profiler;
    private readonly FrozenReference? frozen;
    private readonly AnswerEvaluator? answers;
    private TrainerState state;
    private string? newestCheckpoint;
    private string? bestCheckpoint;
    private bool isCheckpointDue;

    /// <summary>Checks everything, allocates everything, and loads the model or the checkpoint; writes nothing yet.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="model">The model to start from; not owned, and needed until the run has ended.</param>
    /// <param name="rows">Training rows. A run reads them, and the held-out ones, on threads of its own.</param>
    /// <param name="evaluationRows">Held-out rows; empty: no evaluation.</param>
    /// <param name="options">The run; copied. Files that it names are not read: the rows are given.</param>
    /// <param name="logger">Told what a user should know.</param>
    /// <param name="referenceModel">asft's frozen model; null: <paramref name="model"/>. Not owned, and not needed after this.</param>
    /// <param name="answerProblems">Problems for eval_generate_steps; null: no such evaluations.</param>
    /// <exception cref="DftNativeException">An option, the rows, the output directory or the checkpoint is not as it must be.</exception>
    public Trainer(
        IBackend backend, ModelDirectory model, IReadOnlyList<TrainingRow> rows, IReadOnlyList<TrainingRow> evaluationRows,
        TrainingOptions options, ILogger? logger = null, ModelDirectory? referenceModel = null, AnswerProblems? answerProblems = null)
    {
        (this.backend, template, this.logger) = (backend, model.Template, logger ?? NullLogger.Instance);
        Options = options with { WarmupRatio = options.ResolvedWarmupRatio };
        OptionCatalog.Validate(Options);
        Options.Precision.Require(backend);
        LossSupport.Require(backend, Options.TokenLoss);
        directory = new RunDirectory(Options.OutputDirectory ?? throw new DftNativeException(ExitCode.Usage, "output_dir is missing: name an empty directory"));
        resumedFrom = directory.Claim(Options.ResumeFromCheckpoint);
        var trainingRows = Check(rows, "training data", model.Configuration);
        this.rows = trainingRows.Rows;
        this.evaluationRows = evaluationRows.Count == 0 ? [] : Check(evaluationRows, "evaluation data", model.Configuration).Rows;
        if (Options.LoadBestModelAtEnd && evaluationRows.Count == 0)
            throw new DftNativeException(ExitCode.Usage, "load_best_model_at_end needs eval_data to find the best by");
        using var checkpoint = resumedFrom is null ? null : TrainingCheckpoint.Open(resumedFrom);
        var stored = checkpoint is null ? null : TrainerState.FromJson(checkpoint.TrainerState, checkpoint.Directory);
        if (stored is not null) ResumeCheck.AdoptChoices(stored, Options);
        if (Options.EvalGenerateSteps == 0) answerProblems = null;
        var demand = answerProblems?.Demand(Options);
        Memory = RunPlanner.Resolve(backend, model.Configuration, Options, this.rows, this.evaluationRows, demand);
        var fingerprint = trainingRows.ComputeFingerprint();
        if (stored is not null) ResumeCheck.Verify(checkpoint!, stored, Options, fingerprint, model.Configuration, backend.ComputeType);
        state = (stored ?? new TrainerState { RowsFingerprint = fingerprint, ComputeType = backend.ComputeType }) with { Options = ResumeCheck.Describe(Options) };
        var (stepsPerEpoch, totalSteps) = TrainingPlan.CountSteps(Options, this.rows.Count);
        order = new DataOrder(Options.Seed, this.rows.Count);
        schedule = LearningRateSchedule.Create(Options, totalSteps);
        profiler = new StepProfiler(backend, Options.Profile);
        backend = profiler.Backend;
        var passTokens = Options.MicroBatchTokens!.Value;
        var generation = demand?.Plan(model.Configuration, backend.ComputeType, passTokens);
        transformer = new Transformer(
            backend, model.Configuration, Options.ForTransformer(passTokens) with { MaxPositions = Math.Max(passTokens, generation?.Capacity ?? 0) });
        try
        {
            optimizer = new AdamWOptimizer(backend, transformer, Options.AdamW, Options.ExcludeNormAndBiasFromDecay, Options.Seed, Options.Precision);
            stepRunner = new StepRunner(backend, transformer, optimizer, Options);
            Plan = new TrainingPlan(
                this.rows.Count, totalSteps, stepsPerEpoch, state.Step, passTokens, transformer.Layout.ParameterCount);
            frozen = FrozenReference.Attach(backend, transformer, referenceModel ?? model, Options.TokenLoss);
            if (answerProblems is not null) answers = new AnswerEvaluator(backend, transformer, answerProblems, Options);
            if (stored is null) state = state with { ReferenceFingerprint = frozen?.Fingerprint };
            else ResumeCheck.VerifyReference(checkpoint!, stored, frozen?.Fingerprint);
            if (checkpoint is null) model.Load(backend, transformer.Layout, optimizer.Weights, LoadProgress(model.Path, transformer.Layout.ParameterCount));
            else Restore(checkpoint);
        }
        catch
        {
            answers?.Dispose();
            frozen?.Dispose();
            optimizer?.Dispose();
            transformer.Dispose();
            profiler.Dispose();
            throw;
        }
    }

    /// <summary>The options with every automatic choice made.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What the run takes of the device's memory; null on a CPU.</summary>
    public MemoryPlan? Memory { get; }

    /// <summary>What <see cref="Run"/> will do.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>Trains to the last step, or until asked to stop.</summary>
    /// <param name="observer">Told of every step.</param>
    /// <param name="stop">
    /// When it is cancelled, the step in progress is finished and a checkpoint saved. An evaluation by sampled answers is cut short at once; the resumed
    /// run does it again before its first step.
    /// </param>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.NonFinite"/>: max_skipped_steps in a row, or the last step, or the weights to save were not finite;
    /// <see cref="ExitCode.InvalidInput"/>: rows could not be read; <see cref="ExitCode.Usage"/>: another run is writing to the output;
    /// <see cref="ExitCode.CannotWrite"/>: the output could not be written. Checkpoints saved before stay.
    /// </exception>
    public TrainingResult Run(ITrainingObserver? observer = null, CancellationToken stop = default)
    {
        using var held = directory.Hold(Options.ResumeFromCheckpoint, resumedFrom);
        try
        {
            directory.WriteResolvedConfiguration(Options);
            using var metrics = MetricsFile.Open(directory.MetricsPath, state.Step);
            using var tensorBoard = new TensorBoardObserver(new TensorBoardWriter(directory.TensorBoardPath, state.Step + 1, TimeProvider.System));
            return RunSteps(new ObserverGroup(metrics, tensorBoard, observer ?? new SilentObserver()), metrics, stop);
        }
        catch (Exception exception) when (AtomicFile.IsWriteError(exception))
        {
            throw AtomicFile.CannotWriteDirectory(directory.Path, exception);
        }
        finally
        {
            WriteReport();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        answers?.Dispose();
        frozen?.Dispose();
        optimizer.Dispose();
        transformer.Dispose();
        profiler.Dispose();
    }

    /// <summary>However the run ended, as far as it came. A report that cannot be written does not undo a run.</summary>
    private void WriteReport()
    {
        try
        {
            if (new FileInfo(directory.MetricsPath) is { Exists: true, Length: > 0 }) RunReport.Write(directory.Path, directory.ReportPath);
        }
        catch (DftNativeException exception)
        {
            logger.NoReport(exception.Message);
        }
    }

    private TrainingResult RunSteps(ITrainingObserver observer, MetricsFile metrics, CancellationToken stop)
    {
        observer.OnStarted(Plan);
        if (Options.Packing) LogPacking();
        if (state.AreAnswersDue && !CatchUpAnswers(observer, stop)) return Finish(observer, TrainingOutcome.Interrupted, finalStep: 0);
        using var batches = new ReadAhead<StepBatch>(PrepareSteps(state.Step), "training data");
        while (state.Step < Plan.TotalSteps)
        {
            var step = RunStep(batches);
            var isLast = step.Step == Plan.TotalSteps;
            if (IsDue(Options.EvalSteps, isLast) && evaluationRows.Count > 0) step = step with { Evaluation = Evaluate() };
            if (answers is not null && IsDue(Options.EvalGenerateSteps, isLast))
            {
                step = step with { Answers = answers.Run(stop) };
                state = state with { AreAnswersDue = step.Answers is null };
            }

            observer.OnStep(step);
            if (state.SkippedInARow >= Options.MaxSkippedSteps || (step.IsSkipped && isLast)) throw TooManySkipped();
            var isBest = UpdateBest(step.Evaluation);
            // Asked once: a stop that comes while a checkpoint is decided on waits for the next step.
            var isStopping = stop.IsCancellationRequested;
            // A skipped step has nothing new to save, and may be the first of many: the checkpoint waits for one that is done.
            isCheckpointDue |= IsDue(Options.SaveSteps, isLast);
            if ((isCheckpointDue && !step.IsSkipped) || isStopping || (isBest && Options.LoadBestModelAtEnd))
            {
                metrics.FlushToDisk();
                SaveCheckpoint(isBest);
                isCheckpointDue = false;
                if (!step.IsSkipped) RotateCheckpoints();
                observer.OnCheckpointSaved(state.Step, newestCheckpoint!);
            }

            if (isStopping) return Finish(observer, TrainingOutcome.Interrupted, finalStep: 0);
        }

        return Finish(observer, TrainingOutcome.Completed, Options.SaveFinal ? SaveFinal() : 0);
    }

    /// <summary>Does the evaluation that an interruption has cut short; the model is as it was then.</summary>
    /// <returns>Whether it was not cut short again.</returns>
    private bool CatchUpAnswers(ITrainingObserver observer, CancellationToken stop)
    {
        var metrics = answers?.Run(stop);
        if (metrics is not null) observer.OnAnswers(state.Step, metrics);
        state = state with { AreAnswersDue = answers is not null && metrics is null };
        return !state.AreAnswersDue;
    }

    /// <summary>Tells how full the passes of the next steps are; a sample is as good as all of them, and reading it is quick.</summary>
    private void LogPacking()
    {
        var last = Math.Min(Plan.TotalSteps, state.Step + PackingSampleSteps);
        var lengths = Enumerable.Range(state.Step, last - state.Step).Select(step => RowsOfStep(step).ConvertAll(row => row.InputIds.Length));
        var fill = PackingFill.Measure(lengths, Plan.MicroBatchTokens);
        if (fill.StepCount > 0) logger.Packing(Count(fill.PassCount, "pass", "passes"), fill.PassTokens, (last < Plan.TotalSteps ? "the next " : "") + Count(fill.StepCount, "step", "steps"), fill.Percent);

        static string Count(long count, string one, string many) => FormattableString.Invariant($"{count} {(count == 1 ? one : many)}");
    }

    /// <summary>What the host prepares of each step; the device works on the step before meanwhile.</summary>
    private IEnumerable<StepBatch> PrepareSteps(int first)
    {
        for (var step = first; step < Plan.TotalSteps; step++) yield return stepRunner.Prepare(RowsOfStep(step));
    }

    private StepMetrics RunStep(ReadAhead<StepBatch> batches)
    {
        var start = Stopwatch.GetTimestamp();
        profiler.Begin();
        var learningRate = schedule.At(state.Step);
        var batch = batches.Take();
        var result = stepRunner.Run(batch, state.UpdateCount + 1, learningRate);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var profile = profiler.End(elapsed.TotalSeconds);
        var isUpdate = !result.IsSkipped && result.GradientNorm is not null;
        state = state with
        {
            Step = state.Step + 1,
            UpdateCount = state.UpdateCount + (isUpdate ? 1 : 0),
            SkippedInARow = result.IsSkipped ? state.SkippedInARow + 1 : 0,
            SkippedCount = state.SkippedCount + (result.IsSkipped ? 1 : 0),
            TokenCount = state.TokenCount + result.TokenCount,
        };
        if (result.IsSkipped) logger.Skipped(state.Step, state.SkippedInARow, Options.MaxSkippedSteps);
        return new StepMetrics
        {
            Step = state.Step,
            Epoch = (double)state.Step / Plan.StepsPerEpoch,
            TokenCount = result.TokenCount,
            TotalTokenCount = state.TokenCount,
            Statistics = stepRunner.Statistics,
            GradientNorm = result.GradientNorm,
            LearningRate = learningRate,
            ElapsedSeconds = elapsed.TotalSeconds,
            PaddingFraction = 1 - ((double)result.TokenCount / result.PaddedTokenCount),
            PeakMemoryBytes = backend.PeakAllocatedBytes,
            ModelFlopsUtilization = batch.Flops / Math.Max(elapsed.TotalSeconds, 1e-9) / backend.PeakFlopsPerSecond,
            IsSkipped = result.IsSkipped,
            SkippedStepCount = state.SkippedCount,
            Profile = profile,
        };
    }

    /// <summary>The rows of the step that is the k-th from 0.</summary>
    private List<TrainingRow> RowsOfStep(int step)
    {
        var epoch = step / Plan.StepsPerEpoch;
        var first = step % Plan.StepsPerEpoch * Options.GlobalBatchSize;
        var count = Math.Min(Options.GlobalBatchSize, rows.Count - first);
        var result = new List<TrainingRow>(count);
        for (var position = first; position < first + count; position++) result.Add(rows[order[epoch, position]]);
        return result;
    }

    private EvaluationMetrics Evaluate() => new(Evaluator.Run(transformer, evaluationRows, Options.TokenLoss, Options.Packing));

    private bool IsDue(int interval, bool isLast) => isLast || (interval > 0 && state.Step % interval == 0);

    private TrainingResult Finish(ITrainingObserver observer, TrainingOutcome outcome, int finalStep)
    {
        var result = new TrainingResult(outcome, state.Step, newestCheckpoint, finalStep == 0 ? null : directory.FinalPath, finalStep, state.SkippedCount)
        {
            Profile = profiler.Mean,
            ProfiledSteps = profiler.StepCount,
        };
        observer.OnFinished(result);
        return result;
    }

    private CheckedRows Check(IReadOnlyList<TrainingRow> source, string what, ModelConfiguration configuration)
    {
        var result = CheckedRows.Create(source, configuration.VocabularySize, configuration.MaxPositionEmbeddings, Options.MaxLength, what);
        if (result.WithoutTargetCount > 0) logger.RowsWithoutTarget(what, result.WithoutTargetCount);
        return result;
    }

    private DftNativeException TooManySkipped() =>
        NonFinite($"the loss or the gradient was not finite at step {state.Step} ({state.SkippedInARow} in a row, {state.SkippedCount} in all)");

    private NonFiniteException NonFinite(string reason) => new(
        reason,
        newestCheckpoint is null
            ? "no checkpoint was saved; lower learning_rate or check the model and the data"
            : $"the last checkpoint is {newestCheckpoint}: begin a new run from it (--model) with a lower learning_rate, or check the data");
}
