using DftNative.Losses;

namespace DftNative.Training;

/// <summary>What an evaluation of the held-out rows found.</summary>
/// <param name="Statistics">Sums over every held-out target.</param>
public sealed record EvaluationMetrics(TokenLossStatistics Statistics)
{
    /// <summary>The value of a metric, negated where lower is better, so that the best model has the highest score.</summary>
    public double Score(BestModelMetric metric) => metric switch
    {
        BestModelMetric.EvalLoss => -Statistics.Loss,
        BestModelMetric.EvalNll => -Statistics.NegativeLogLikelihood,
        BestModelMetric.EvalMeanTokenProbability => Statistics.MeanTokenProbability,
        _ => Statistics.TokenAccuracy,
    };
}
