namespace DftNative.Demo;

/// <summary>What a model is asked to try it, and how its answer is judged.</summary>
/// <param name="Prompt">What it is asked.</param>
/// <param name="Solution">A right answer, whose likelihood is measured.</param>
/// <param name="IsCorrect">Whether an answer is right; another than <paramref name="Solution"/> may be.</param>
internal sealed record DemoProblem(string Prompt, string Solution, Func<string, bool> IsCorrect)
{
    /// <summary>An addition, right where its result is.</summary>
    public static DemoProblem Of(AdditionProblem problem) =>
        new(problem.Prompt, WorkedAddition.Solve(problem), answer => WorkedAddition.IsCorrect(problem, answer));

    /// <summary>A fact, right to the character.</summary>
    public static DemoProblem Of(RecallFact fact) => new(fact.Prompt, fact.Answer, fact.IsCorrect);
}
