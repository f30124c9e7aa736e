using System.Globalization;
using DftNative.Demo;

namespace DftNative.Experiments;

/// <summary>A task of the embedded model, and how much of it.</summary>
public sealed record DemoSubjectSettings
{
    /// <summary>Which task.</summary>
    public DemoTaskKind Kind { get; init; }

    /// <summary>Demonstrations of each run; its steps are as many as its batch size makes of them.</summary>
    public int Demonstrations { get; init; } = 3840;

    /// <summary>Of additions: the probability that a step of a demonstration is wrong.</summary>
    public double WrongStepShare { get; init; } = 0.15;

    /// <summary>Of recall: facts to learn by heart.</summary>
    public int Facts { get; init; } = 64;

    /// <summary>Problems that a tuned model solves twice, sampled at temperature 1 and greedily.</summary>
    public int Problems { get; init; } = 300;

    /// <summary>Points of the learning curves behind step 0.</summary>
    public int CurvePoints { get; init; } = 12;

    /// <summary>Problems of such a point.</summary>
    public int CurveProblems { get; init; } = 100;

    /// <summary>The task itself.</summary>
    internal IDemoTask CreateTask() => Kind == DemoTaskKind.Addition ? new NoisyAddition(WrongStepShare) : new FactRecall(Facts);

    /// <summary>The settings as text by name, those of another task left out.</summary>
    internal IEnumerable<(string Name, string Value)> Describe()
    {
        yield return ("task", Kind.Name());
        yield return ("demonstrations", Text(Demonstrations));
        yield return Kind == DemoTaskKind.Addition ? ("wrong_step_share", WrongStepShare.ToString("R", CultureInfo.InvariantCulture)) : ("facts", Text(Facts));
        yield return ("problems", Text(Problems));
        yield return ("curve_points", Text(CurvePoints));
        yield return ("curve_problems", Text(CurveProblems));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
