using DftNative.Generation;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>What is to be planned.</summary>
/// <param name="Configuration">The model.</param>
/// <param name="Workload">The rows, as far as they decide the passes.</param>
public sealed record PlanRequest(ModelConfiguration Configuration, Workload Workload)
{
    /// <summary>Bits of master, gradients and moments. The planner never changes it: it decides what is computed.</summary>
    public Precision Precision { get; init; }

    /// <summary>The most tokens of a pass; null: to be chosen.</summary>
    public int? MicroBatchTokens { get; init; }

    /// <summary>What backward computes again; null: to be chosen.</summary>
    public RecomputeLevel? Recompute { get; init; }

    /// <summary>Rows of the loss head whose logits are alive at once; null: to be chosen.</summary>
    public int? LossChunkRows { get; init; }

    /// <summary>Whether matrix products are timed, those that are added to something on a copy of it.</summary>
    public bool Tune { get; init; }

    /// <summary>What is sampled between steps; null: nothing.</summary>
    public GenerationDemand? Generation { get; init; }

    /// <summary>As a run's options have it.</summary>
    internal static PlanRequest Of(ModelConfiguration configuration, Workload workload, TrainingOptions options) => new(configuration, workload)
    {
        Precision = options.Precision,
        MicroBatchTokens = options.MicroBatchTokens,
        Recompute = options.Recompute,
        LossChunkRows = options.LossChunkRows,
        Tune = options.Tune,
    };
}
