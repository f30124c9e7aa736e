using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Experiments;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Train.Data;

/// <summary>What a comparison reads of a model and its data, once for all runs.</summary>
internal sealed class ModelInputs : IDisposable
{
    /// <summary>fp32 weight, gradient and AdamW's two moments; activations come on top.</summary>
    private const long BytesPerParameter = 16;

    private const double BytesPerGibibyte = 1L << 30;

    private readonly ModelDirectory model;
    private readonly TrainingData rows;
    private readonly TrainingData evaluationRows;
    private readonly IExperimentEvaluator? evaluator;
    private readonly ILogger logger;

    private ModelInputs(ModelDirectory model, TrainingData rows, TrainingData evaluationRows, IExperimentEvaluator? evaluator, ILogger logger) =>
        (this.model, this.rows, this.evaluationRows, this.evaluator, this.logger) = (model, rows, evaluationRows, evaluator, logger);

    /// <summary>Opens the model, and reads its rows.</summary>
    /// <param name="experiment">Names them.</param>
    /// <param name="jobs">Runs at once.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no memory for so many runs; <see cref="ExitCode.InvalidInput"/>.</exception>
    public static ModelInputs Open(Experiment experiment, int jobs)
    {
        var (options, logger) = (experiment.Options, new ConsoleLogger());
        var evaluator = experiment.Benchmarks is { } benchmarks ? new BenchmarkEvaluator(benchmarks, options.ChatTemplate) : null;
        var model = InputLoader.OpenModel(options, logger);
        TrainingData? rows = null;
        try
        {
            RequireRoom(jobs, model.Layout.ParameterCount);
            foreach (var warning in evaluator?.Check(model) ?? []) InputLoader.Log(logger, LogLevel.Warning, warning);
            rows = InputLoader.ReadRows("training data", options.Data, model, options, options.MaxTrainSamples, logger);
            return new ModelInputs(model, rows, InputLoader.ReadRows("evaluation data", options.EvalData, model, options, 0, logger), evaluator, logger);
        }
        catch
        {
            rows?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>The subject of the runs; not to be used after this is disposed of.</summary>
    public ModelSubject CreateSubject() =>
        new(model.Path, options => InputLoader.OpenReferenceModel(options, model, logger), rows, evaluationRows, evaluator, logger);

    /// <inheritdoc/>
    public void Dispose()
    {
        evaluationRows.Dispose();
        rows.Dispose();
        model.Dispose();
    }

    private static void RequireRoom(int jobs, long parameterCount)
    {
        var (needed, available) = (jobs * BytesPerParameter * parameterCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (jobs == 1 || needed <= available) return;
        throw new DftNativeException(
            ExitCode.Usage, FormattableString.Invariant($"jobs: {jobs} runs at once take at least {needed / BytesPerGibibyte:F1} GiB, and there are {available / BytesPerGibibyte:F1}; lower --jobs"));
    }
}
