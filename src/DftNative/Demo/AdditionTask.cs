namespace DftNative.Demo;

/// <summary>The demo's problems and demonstrations: functions of a seed and an index, the same on every machine.</summary>
public static class AdditionTask
{
    private const ulong DemonstrationStream = 1;
    private const ulong HeldOutStream = 2;

    /// <summary>Demonstration number <paramref name="index"/> of a seed: never of a held-out problem.</summary>
    /// <param name="seed">Which sequence.</param>
    /// <param name="index">Which of it.</param>
    /// <param name="wrongStepShare">The probability, in [0, 1], that a step's sum is wrong.</param>
    public static (AdditionProblem Problem, string Solution) Demonstrate(ulong seed, long index, double wrongStepShare)
    {
        var random = new SplitMix64(seed, DemonstrationStream + ((ulong)index << 8));
        var problem = Draw(ref random, heldOut: false);
        return (problem, WorkedAddition.Solve(problem, wrongStepShare, ref random));
    }

    /// <summary><paramref name="count"/> different held-out problems.</summary>
    public static AdditionProblem[] DrawHeldOut(ulong seed, int count)
    {
        var random = new SplitMix64(seed, HeldOutStream);
        var problems = new AdditionProblem[count];
        var drawn = new HashSet<AdditionProblem>();
        for (var i = 0; i < count;)
        {
            var problem = Draw(ref random, heldOut: true);
            if (drawn.Add(problem)) problems[i++] = problem;
        }

        return problems;
    }

    private static AdditionProblem Draw(ref SplitMix64 random, bool heldOut)
    {
        while (true)
        {
            var problem = new AdditionProblem(random.Next(AdditionProblem.SummandLimit), random.Next(AdditionProblem.SummandLimit));
            if (problem.IsHeldOut == heldOut) return problem;
        }
    }
}
