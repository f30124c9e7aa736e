namespace DftNative.Training;

/// <summary>What of an evaluation decides which model is the best.</summary>
public enum BestModelMetric
{
    /// <summary>The run's own weighted loss per target; lower is better.</summary>
    EvalLoss,

    /// <summary>Plain negative log-likelihood per target; lower is better.</summary>
    EvalNll,

    /// <summary>Mean probability of the targets; higher is better.</summary>
    EvalMeanTokenProbability,

    /// <summary>Share of targets that are the arg max; higher is better.</summary>
    EvalTokenAccuracy,
}
