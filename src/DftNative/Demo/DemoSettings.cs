namespace DftNative.Demo;

/// <summary>What a demo does. The defaults are the command's; a test makes it shorter.</summary>
public sealed record DemoSettings
{
    /// <summary>Decides demonstrations, held-out problems and sampling.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Optimizer steps of each fine-tune.</summary>
    public int StepCount { get; init; } = 200;

    /// <summary>Demonstrations per step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Peak of the schedule: linear warm-up over a tenth of the steps, then cosine to 0.</summary>
    public float LearningRate { get; init; } = 5e-4f;

    /// <summary>The probability that a step of a demonstration is wrong.</summary>
    public double WrongStepShare { get; init; } = 0.15;

    /// <summary>Held-out problems that each model solves twice, sampled and greedily.</summary>
    public int ProblemCount { get; init; } = 400;

    /// <summary>Held-out problems of a point of the learning curves.</summary>
    public int CurveProblemCount { get; init; } = 100;

    /// <summary>Steps from one point of the learning curves to the next.</summary>
    public int CurveInterval { get; init; } = 20;
}
