namespace DftNative.Demo;

/// <summary>A point of a fine-tune's learning curve.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Accuracy">Share of right results on a part of the held-out problems, sampled at temperature 1.</param>
/// <param name="ProblemCount">Problems of that part.</param>
/// <param name="HeldOutNll">NLL per token of correct solutions of held-out problems.</param>
/// <param name="TrainingNll">NLL per token of the demonstrations since the last point; NaN at step 0.</param>
/// <param name="TrainingLoss">The weighted loss of the same tokens; NaN at step 0.</param>
public readonly record struct DemoCurvePoint(int Step, double Accuracy, int ProblemCount, double HeldOutNll, double TrainingNll, double TrainingLoss)
{
    /// <summary>Standard error of <see cref="Accuracy"/>.</summary>
    public double StandardError => StandardErrorOf(Accuracy, ProblemCount);

    /// <summary>√(p(1 − p)/n).</summary>
    internal static double StandardErrorOf(double share, int count) => count == 0 ? 0 : Math.Sqrt(share * (1 - share) / count);
}
