namespace DftNative.Experiments;

/// <summary>What runs are compared by.</summary>
public enum ExperimentMetric
{
    /// <summary>Share of right sampled answers; higher is better.</summary>
    Accuracy,

    /// <summary>NLL per held-out token; lower is better.</summary>
    EvalNll,
}
