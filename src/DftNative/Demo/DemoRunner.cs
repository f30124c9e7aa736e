using System.Diagnostics;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Demo;

/// <summary>
/// The demo: fine-tunes the same base model on the same demonstrations with SFT and with DFT, lets the three models solve
/// held-out problems, and writes what came of it. Prints nothing.
/// </summary>
public static class DemoRunner
{
    /// <summary>Runs the demo.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="settings">What to do.</param>
    /// <param name="output">Gets demo.json, report.html, models/ and the rows of <see cref="DemoData"/>; may hold an earlier demo, which stays if this one fails.</param>
    /// <param name="observer">Told of every step and result.</param>
    /// <param name="cancellation">Ends the demo; nothing is written then.</param>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: the directory holds something else; <see cref="ExitCode.CannotWrite"/>; <see cref="ExitCode.NonFinite"/>.
    /// </exception>
    public static DemoResult Run(
        IBackend backend, DemoSettings settings, string output, IDemoObserver? observer = null, CancellationToken cancellation = default)
    {
        DemoOutput.Check(output);
        DemoResult? result = null;
        AtomicDirectory.Write(output, directory =>
        {
            result = Run(backend, settings, new DemoOutput(directory), observer, cancellation);

            // Minutes have passed: what has come into the directory meanwhile is not ours to remove.
            DemoOutput.Check(output);
        });
        return result!;
    }

    private static DemoResult Run(IBackend backend, DemoSettings settings, DemoOutput output, IDemoObserver? observer, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var basePath = output.ModelPath(DemoModelResult.Base);
        DemoAssets.Extract(basePath);
        using var model = ModelDirectory.Open(basePath);
        using var transformer = new Transformer(backend, model.Configuration, new TransformerOptions(settings.BatchSize * NoisyAddition.TokenCount) { Training = true });
        observer?.OnStarted(backend.Description, transformer.Layout.ParameterCount);

        var rows = new DemoRows(Tokenizer.Load(basePath));
        var seed = (ulong)settings.Seed;
        var problems = AdditionTask.DrawHeldOut(seed, settings.ProblemCount);
        var demonstrations = Enumerable.Range(0, settings.StepCount * settings.BatchSize)
            .Select(i => AdditionTask.Demonstrate(seed, i, settings.WrongStepShare)).ToArray();
        var demonstrationRows = demonstrations.Select(demonstration => rows.CreateRow(demonstration.Problem.Prompt, demonstration.Solution)).ToArray();
        using var evaluator = new DemoEvaluator(backend, transformer, rows, [.. problems.Select(DemoProblem.Of)], NoisyAddition.TokenCount, seed);

        var results = new List<DemoModelResult>();
        foreach (var (name, lossType) in new (string, LossType?)[] { (DemoModelResult.Base, null), (DemoModelResult.Sft, LossType.Sft), (DemoModelResult.Dft, LossType.Dft) })
        {
            var fineTune = new DemoFineTune(transformer, evaluator, observer);
            if (lossType is { } loss)
            {
                var options = new TrainingOptions { LossType = loss, LearningRate = settings.LearningRate, GlobalBatchSize = settings.BatchSize };
                using var optimizer = new AdamWOptimizer(backend, transformer, options.AdamW, options.ExcludeNormAndBiasFromDecay, settings.Seed);
                model.Load(backend, transformer.Layout, optimizer.Weights);
                var plan = new DemoFineTunePlan(name, options, settings.StepCount, settings.CurveInterval, settings.CurveProblemCount);
                fineTune.Run(backend, optimizer, plan, demonstrationRows, cancellation);
                ModelWriter.Save(output.ModelPath(name), model.Template, backend, transformer.Layout, optimizer.Weights, SaveDataType.Float32);
            }
            else
            {
                model.Load(backend, transformer.Layout, transformer.Parameters);
            }

            var sampled = evaluator.Solve(problems.Length, temperature: 1, cancellation);
            var greedy = evaluator.Solve(problems.Length, temperature: 0, cancellation);
            results.Add(new DemoModelResult(
                name, problems.Length, evaluator.CountCorrect(sampled), evaluator.CountCorrect(greedy), evaluator.Score(problems.Length),
                fineTune.TrainingSeconds, fineTune.TrainingTokens, fineTune.Curve, sampled[0]));
            observer?.OnModel(results[^1]);
        }

        var example = demonstrations.FirstOrDefault(demonstration => !WorkedAddition.IsCorrect(demonstration.Problem, demonstration.Solution), demonstrations[0]);
        var result = new DemoResult(
            settings, backend.Description, transformer.Layout.ParameterCount, results, problems[0], example, Stopwatch.GetElapsedTime(start).TotalSeconds);
        output.WriteReports(result);
        output.WriteData(demonstrations, problems);
        return result;
    }
}
