namespace DftNative.Demo;

/// <summary>The demo's problems and demonstrations: functions of a seed and an index, the same on every machine.</summary>
public static class AdditionTask
{
    /// <summary>No demonstration has this index.</summary>
    private const ulong HeldOutStream = ulong.MaxValue;

    /// <summary>Demonstration number <paramref name="index"/> of a seed: never of a held-out problem.</summary>
    /// <param name="seed">Which sequence.</param>
    /// <param name="index">Which of it.</param>
    /// <param name="wrongStepShare">The probability, in [0, 1], that a step's sum is wrong.</param>
    public static (AdditionProblem Problem, string Solution) Demonstrate(ulong seed, long index, double wrongStepShare)
    {
        var random = new RandomStream(seed, (ulong)index);
        var problem = Draw(ref random, heldOut: false);
        return (problem, WorkedAddition.Solve(problem, wrongStepShare, ref random));
    }

    /// <summary><paramref name="count"/> different held-out problems.</summary>
    public static AdditionProblem[] DrawHeldOut(ulong seed, int count)
    {
        var random = new RandomStream(seed, HeldOutStream);
        var problems = new AdditionProblem[count];
        var drawn = new HashSet<AdditionProblem>();
        for (var i = 0; i < count;)
        {
            var problem = Draw(ref random, heldOut: true);
            if (drawn.Add(problem)) problems[i++] = problem;
        }

        return problems;
    }

    private static AdditionProblem Draw(ref RandomStream random, bool heldOut)
    {
        while (true)
        {
            var problem = new AdditionProblem(random.Next(AdditionProblem.SummandLimit), random.Next(AdditionProblem.SummandLimit));
            if (problem.IsHeldOut == heldOut) return problem;
        }
    }
}
