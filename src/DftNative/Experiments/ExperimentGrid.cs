namespace DftNative.Experiments;

/// <summary>Losses × learning rates × batch sizes × seeds.</summary>
public sealed record ExperimentGrid
{
    /// <summary>The losses.</summary>
    public required IReadOnlyList<LossVariant> Losses { get; init; }

    /// <summary>Peak learning rates; empty where <see cref="BestOf"/> is given.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [];

    /// <summary>Rows of an optimizer step; empty where <see cref="BestOf"/> is given.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [];

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The loss of an earlier grid whose best learning rate and batch size this one takes; null: it has its own.</summary>
    public string? BestOf { get; init; }

    /// <summary>Runs of the grid.</summary>
    public int CellCount => Losses.Count * Math.Max(1, LearningRates.Count) * Math.Max(1, BatchSizes.Count) * Seeds.Count;

    /// <summary>The runs, in an order in which losses come close together, so that an unfinished comparison already compares.</summary>
    /// <param name="best">The learning rate and batch size of <see cref="BestOf"/>; null where it is null.</param>
    public IEnumerable<ExperimentCell> Cells(ExperimentSetting? best)
    {
        IReadOnlyList<double> learningRates = best is null ? LearningRates : [best.LearningRate];
        IReadOnlyList<int> batchSizes = best is null ? BatchSizes : [best.BatchSize];
        return
            from learningRate in learningRates
            from batchSize in batchSizes
            from seed in Seeds
            from loss in Losses
            select new ExperimentCell(new ExperimentSetting(loss, learningRate, batchSize), seed);
    }
}
