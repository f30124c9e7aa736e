namespace DftNative.Demo;

/// <summary>What a demo found.</summary>
/// <param name="Settings">What it did.</param>
/// <param name="Device">What it ran on, for people.</param>
/// <param name="ParameterCount">Of the model.</param>
/// <param name="Models">base, sft and dft, in this order.</param>
/// <param name="ExampleProblem">The first held-out problem.</param>
/// <param name="ExampleDemonstration">A demonstration with a wrong step: its problem and solution.</param>
/// <param name="ElapsedSeconds">Of everything.</param>
public sealed record DemoResult(
    DemoSettings Settings, string Device, long ParameterCount, IReadOnlyList<DemoModelResult> Models,
    AdditionProblem ExampleProblem, (AdditionProblem Problem, string Solution) ExampleDemonstration, double ElapsedSeconds)
{
    /// <summary>The result of the model of that name.</summary>
    public DemoModelResult this[string name] => Models.First(model => model.Name == name);

    /// <summary>How far DFT's accuracy lies above SFT's, in [−1, 1].</summary>
    public double DftAdvantage => this[DemoModelResult.Dft].Accuracy - this[DemoModelResult.Sft].Accuracy;
}
