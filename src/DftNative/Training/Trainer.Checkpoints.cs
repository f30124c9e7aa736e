using DftNative.Checkpoints;

namespace DftNative.Training;

/// <content>What a run saves, and how it goes on from that.</content>
public sealed partial class Trainer
{
    private bool UpdateBest(EvaluationMetrics? evaluation)
    {
        var score = evaluation?.Score(Options.MetricForBestModel);
        if (score is not { } value || !double.IsFinite(value) || value <= state.BestScore) return false;
        state = state with { BestStep = state.Step, BestScore = value };
        return true;
    }

    private void SaveCheckpoint(bool isBest)
    {
        // An update can carry the weights beyond what has numbers; no later step could bring them back.
        if (!float.IsFinite(optimizer.ReadWeightNorm())) throw NonFinite($"the weights are not finite after step {state.Step}");
        newestCheckpoint = TrainingCheckpoint.Save(
            directory.Path, state.Step, template, backend, transformer.Layout, optimizer.Weights,
            optimizer.FirstMoment, optimizer.SecondMoment, Options.SaveDataType, (state with { MatrixProductPlans = backend.ExportPlans() }).ToJson());
        if (isBest) bestCheckpoint = newestCheckpoint;
    }

    private void RotateCheckpoints() => TrainingCheckpoint.Rotate(
        directory.Path, Options.SaveTotalLimit == 0 ? null : Options.SaveTotalLimit, Options.LoadBestModelAtEnd ? bestCheckpoint : null);

    /// <summary>Writes <c>final/</c> and gives the step that it is from.</summary>
    private int SaveFinal()
    {
        var step = Plan.TotalSteps;
        if (Options.LoadBestModelAtEnd)
        {
            if (bestCheckpoint is null) logger.NoBest(OptionCatalog.Find("metric_for_best_model").GetText(Options));
            else step = state.BestStep;
        }

        if (step != state.Step)
        {
            using var best = TrainingCheckpoint.Open(bestCheckpoint!);
            best.LoadParameters(backend, transformer.Layout, optimizer.Weights);
        }

        ModelWriter.Save(directory.FinalPath, template, backend, transformer.Layout, optimizer.Weights, Options.SaveDataType);
        return step;
    }

    private LoadProgress LoadProgress(string what, long total) => new(logger, what, total, TimeProvider.System);

    private void Restore(TrainingCheckpoint checkpoint)
    {
        checkpoint.Load(
            backend, transformer.Layout, optimizer.Weights, optimizer.FirstMoment, optimizer.SecondMoment,
            LoadProgress(checkpoint.Directory, checkpoint.ElementCount));
        newestCheckpoint = checkpoint.Directory;
        if (Options.LoadBestModelAtEnd && state.BestStep > 0)
        {
            var siblings = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint.Directory)))!;
            bestCheckpoint = TrainingCheckpoint.List(siblings).FirstOrDefault(sibling => sibling.Step == state.BestStep).Directory
                ?? throw new DftNativeException(
                    ExitCode.InvalidInput, $"{siblings}: checkpoint-{state.BestStep}, the best so far, is missing; restore it or set load_best_model_at_end false");
        }

        if (state.MatrixProductPlans is { } plans && !backend.ImportPlans(plans)) logger.OtherPlans(checkpoint.Directory);
        logger.Resumed(checkpoint.Directory, state.Step);
    }
}
