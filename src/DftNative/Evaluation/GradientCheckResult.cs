namespace DftNative.Evaluation;

/// <summary>A device's gradients of one optimizer step beside the fp64 reference's.</summary>
/// <param name="Parameters">A line per parameter, in the model's order.</param>
/// <param name="LogProbabilities">[targets] the device's log p, in the order of the rows.</param>
/// <param name="LogProbabilityError">The largest |log p − reference|.</param>
/// <param name="Loss">The device's weighted loss per target.</param>
/// <param name="ReferenceLoss">The reference's.</param>
/// <param name="NegativeLogLikelihood">The device's plain NLL per target.</param>
/// <param name="ReferenceNegativeLogLikelihood">The reference's.</param>
public sealed record GradientCheckResult(
    IReadOnlyList<ParameterError> Parameters, float[] LogProbabilities, double LogProbabilityError,
    double Loss, double ReferenceLoss, double NegativeLogLikelihood, double ReferenceNegativeLogLikelihood)
{
    /// <summary>
    /// What is smaller than this is compared with this: a product of many probabilities is beyond fp32, whose smallest
    /// number of full precision is 1.2e-38, and its products in a gradient are sooner.
    /// </summary>
    internal const double Smallest = 1e-30;

    /// <summary>The parameter with the largest relative error; one that is not a number counts as the largest.</summary>
    public ParameterError Worst => Parameters.MaxBy(parameter => double.IsNaN(parameter.RelativeError) ? double.PositiveInfinity : parameter.RelativeError)!;

    /// <summary>|loss − reference| / |reference|.</summary>
    public double LossError => RelativeDifference(Loss, ReferenceLoss);

    /// <summary>|NLL − reference| / |reference|.</summary>
    public double NegativeLogLikelihoodError => RelativeDifference(NegativeLogLikelihood, ReferenceNegativeLogLikelihood);

    /// <summary>Whether every gradient, the loss and the NLL are within the tolerance; false where any is not a number.</summary>
    public bool IsWithin(double tolerance) =>
        Parameters.All(parameter => parameter.RelativeError <= tolerance) && LossError <= tolerance && NegativeLogLikelihoodError <= tolerance;

    private static double RelativeDifference(double value, double reference) =>
        Math.Abs(value - reference) / (reference == 0 ? 1 : Math.Max(Math.Abs(reference), Smallest));
}
