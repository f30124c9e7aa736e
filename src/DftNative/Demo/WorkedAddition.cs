using System.Text;

namespace DftNative.Demo;

/// <summary>
/// A solution worked column by column from the right. <c>7+6+0=13;</c> adds two digits and the carry; after the last
/// column stands the result: <c>4827+1956=7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;06783</c>.
/// </summary>
public static class WorkedAddition
{
    /// <summary>Two digits and a carry add up to less than this; wrong sums are drawn from as many values.</summary>
    private const int SumLimit = 20;

    /// <summary>Characters of a step.</summary>
    private const int StepLength = 9;

    /// <summary>Characters of a solution.</summary>
    public const int Length = AdditionProblem.ColumnCount * StepLength + AdditionProblem.ColumnCount + 1;

    /// <summary>What the result stands behind.</summary>
    internal const char ResultMark = ';';

    /// <summary>The solution without a mistake.</summary>
    public static string Solve(AdditionProblem problem)
    {
        var random = new RandomStream(0, 0);
        return Solve(problem, 0, ref random);
    }

    /// <summary>
    /// A solution in which each step's sum is, with the probability <paramref name="wrongStepShare"/>, another one, all
    /// equally likely. What follows goes on from it: the next step takes its carry, and the result its digit.
    /// </summary>
    internal static string Solve(AdditionProblem problem, double wrongStepShare, ref RandomStream random)
    {
        var text = new StringBuilder(Length);
        Span<char> result = stackalloc char[AdditionProblem.ColumnCount + 1];
        int left = problem.Left, right = problem.Right, carry = 0;
        for (var column = AdditionProblem.ColumnCount; column > 0; column--)
        {
            int leftDigit = left % 10, rightDigit = right % 10, sum = leftDigit + rightDigit + carry;
            if (random.NextDouble() < wrongStepShare) sum = (sum + 1 + random.Next(SumLimit - 1)) % SumLimit;
            text.Append(leftDigit).Append('+').Append(rightDigit).Append('+').Append(carry).Append('=').Append(sum / 10).Append(sum % 10).Append(';');
            result[column] = (char)('0' + sum % 10);
            (left, right, carry) = (left / 10, right / 10, sum / 10);
        }

        result[0] = (char)('0' + carry);
        return text.Append(result).ToString();
    }

    /// <summary>Whether a sampled solution ends in the right result and there ends: its steps do not count.</summary>
    public static bool IsCorrect(AdditionProblem problem, string solution)
    {
        var separator = solution.LastIndexOf(ResultMark);
        return separator >= 0 && solution.AsSpan(separator + 1).SequenceEqual(problem.Answer);
    }

    /// <summary>A solution's steps and result, each with whether it differs from what a worker without mistakes writes there.</summary>
    /// <remarks>A step is right if its own sum is: one that takes over a wrong carry and adds rightly is right.</remarks>
    public static IReadOnlyList<(string Text, bool IsWrong)> Annotate(AdditionProblem problem, string solution)
    {
        var steps = new List<(string Text, bool IsWrong)>();
        var start = 0;
        for (var separator = solution.IndexOf(';'); separator >= 0; separator = solution.IndexOf(';', start))
        {
            var step = solution[start..(separator + 1)];
            steps.Add((step, !IsStepRight(step)));
            start = separator + 1;
        }

        var result = solution[start..];
        steps.Add((result, result != problem.Answer));
        return steps;
    }

    private static bool IsStepRight(string step) =>
        step.Length == StepLength && step[1] == '+' && step[3] == '+' && step[5] == '=' &&
        char.IsAsciiDigit(step[0]) && char.IsAsciiDigit(step[2]) && char.IsAsciiDigit(step[4]) &&
        char.IsAsciiDigit(step[6]) && char.IsAsciiDigit(step[7]) &&
        step[0] - '0' + step[2] - '0' + step[4] - '0' == (step[6] - '0') * 10 + step[7] - '0';
}
