using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>What has to hold across a comparison before anything runs.</summary>
internal static class ExperimentCheck
{
    /// <summary>Checks losses, runs and sizes.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the first that is wrong.</exception>
    public static void Verify(Experiment experiment)
    {
        foreach (var losses in experiment.Losses.GroupBy(loss => loss.Name))
            if (losses.Count() > 1) throw Error($"losses: {losses.Key} names two different losses; give each a name of its own");
        var cells = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in experiment.Grids.Where(grid => grid.BestOf is null).SelectMany(grid => grid.Cells(best: null)))
            if (!cells.Add(cell.Name)) throw Error($"the run '{cell}' is in two grids; leave it out of one");
        foreach (var grid in experiment.Grids.Where(grid => grid.BestOf is not null))
            if (experiment.Grids.Where(other => other != grid).SelectMany(other => other.Losses).FirstOrDefault(grid.Losses.Contains) is { } twice)
                throw Error($"best_of: {twice.Name} is in another grid too; leave it out of one, or give it another name");
        foreach (var loss in experiment.Losses) CheckLoss(experiment, loss);
        if (experiment.Task is { } task) CheckSizes(task, experiment.Grids);
    }

    private static void CheckLoss(Experiment experiment, LossVariant loss)
    {
        try
        {
            OptionCatalog.Validate(experiment.OptionsOf(new ExperimentCell(new ExperimentSetting(loss, LearningRate: 0, BatchSize: 1), Seed: 0)));
        }
        catch (DftNativeException exception)
        {
            throw Error($"{loss.Name}: {exception.Message}");
        }

        if (experiment.Task is not null && loss.Options.ContainsKey("reference_model")) throw Error($"{loss.Name}: reference_model is for a model; a task's reference is the embedded one");
    }

    private static void CheckSizes(DemoSubjectSettings task, IReadOnlyList<ExperimentGrid> grids)
    {
        foreach (var batchSize in grids.SelectMany(grid => grid.BatchSizes))
            if (task.Demonstrations % batchSize != 0)
                throw Error(FormattableString.Invariant($"demonstrations: {task.Demonstrations} is not a multiple of the batch size {batchSize}; every run must see the same demonstrations"));
    }

    private static DftNativeException Error(string message) => new(ExitCode.Usage, message);
}
