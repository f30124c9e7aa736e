namespace DftNative.Experiments;

/// <summary>A grid as a file has it, not yet checked.</summary>
internal sealed class GridDraft
{
    public List<LossVariant> Losses { get; } = [];

    public List<double> LearningRates { get; } = [];

    public List<int> BatchSizes { get; } = [];

    public List<long> Seeds { get; } = [];

    public string? BestOf { get; set; }

    /// <summary>The grid.</summary>
    /// <param name="earlier">The losses of the grids before it.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: something is missing, given twice, or does not go together.</exception>
    public ExperimentGrid Build(IReadOnlyCollection<string> earlier)
    {
        if (BestOf is { } loss)
        {
            if (LearningRates.Count > 0 || BatchSizes.Count > 0) throw Error($"best_of takes the learning rate and the batch size of {loss}; leave out learning_rates and batch_sizes");
            if (!earlier.Contains(loss)) throw Error($"best_of: {loss} is not a loss of an earlier grid");
            if (Losses.Find(own => earlier.Contains(own.Name)) is { } repeated) throw Error($"best_of: {repeated.Name} is in an earlier grid already; leave it out, or name it otherwise");
        }
        else
        {
            RequireItems(LearningRates, "learning_rates");
            if (LearningRates.Contains(0)) throw Error("learning_rates: 0 would leave the model as it is");
            RequireItems(BatchSizes, "batch_sizes");
        }

        RequireItems(Losses.ConvertAll(item => item.Name), "losses");
        RequireItems(Seeds, "seeds");
        return new ExperimentGrid { Losses = Losses, LearningRates = LearningRates, BatchSizes = BatchSizes, Seeds = Seeds, BestOf = BestOf };
    }

    private static void RequireItems<T>(List<T> items, string key)
    {
        if (items.Count == 0) throw Error($"there is nothing to run: {key} has no value");
        if (items.GroupBy(item => item).FirstOrDefault(group => group.Count() > 1) is { } repeated) throw Error(FormattableString.Invariant($"{key}: {repeated.Key} is given twice"));
    }

    private static DftNativeException Error(string message) => new(ExitCode.Usage, message);
}
