using DftNative.Losses;

namespace DftNative.Demo;

/// <summary>What one model did on the held-out problems.</summary>
/// <param name="Name">base, sft or dft.</param>
/// <param name="ProblemCount">Problems solved, n.</param>
/// <param name="CorrectCount">Right results of one solution a problem, sampled at temperature 1.</param>
/// <param name="GreedyCorrectCount">Right results of greedy solutions.</param>
/// <param name="Solutions">Of the correct solutions' tokens under the model: NLL, mean p and the histogram of p.</param>
/// <param name="TrainingSeconds">Of its fine-tune, without evaluations; 0 for base.</param>
/// <param name="TrainingTokens">Real tokens of its fine-tune; 0 for base.</param>
/// <param name="Curve">Its learning curve; empty for base.</param>
/// <param name="SampledSolution">Its sampled solution of the first problem.</param>
public sealed record DemoModelResult(
    string Name, int ProblemCount, int CorrectCount, int GreedyCorrectCount, TokenLossStatistics Solutions,
    double TrainingSeconds, long TrainingTokens, IReadOnlyList<DemoCurvePoint> Curve, string SampledSolution)
{
    /// <summary>The base model's name.</summary>
    public const string Base = "base";

    /// <summary>The name of the model fine-tuned with cross-entropy.</summary>
    public const string Sft = "sft";

    /// <summary>The name of the model fine-tuned with DFT.</summary>
    public const string Dft = "dft";

    /// <summary>Share of right results, sampled at temperature 1.</summary>
    public double Accuracy => (double)CorrectCount / ProblemCount;

    /// <summary>√(accuracy·(1 − accuracy)/n): what another draw of problems and samples would move it by.</summary>
    public double StandardError => DemoCurvePoint.StandardErrorOf(Accuracy, ProblemCount);

    /// <summary>Share of right results, greedily.</summary>
    public double GreedyAccuracy => (double)GreedyCorrectCount / ProblemCount;

    /// <summary>Real tokens trained per second, without evaluations; 0 for base.</summary>
    public double TokensPerSecond => TrainingSeconds > 0 ? TrainingTokens / TrainingSeconds : 0;
}
