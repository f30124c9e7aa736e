namespace DftNative.Demo;

/// <summary>Additions worked digit by digit, learnt from demonstrations with mistakes, measured on held-out problems.</summary>
/// <param name="wrongStepShare">The probability, in [0, 1], that a step of a demonstration is wrong; 0: clean data.</param>
internal sealed class NoisyAddition(double wrongStepShare) : IDemoTask
{
    /// <summary>A character is a token.</summary>
    public const int TokenCount = (2 * AdditionProblem.ColumnCount) + 2 + WorkedAddition.Length + 1;

    /// <inheritdoc/>
    public int RowLength => TokenCount;

    /// <inheritdoc/>
    public IEnumerable<(string Prompt, string Response)> Demonstrate(ulong seed, int count)
    {
        for (var index = 0; index < count; index++)
        {
            var (problem, solution) = AdditionTask.Demonstrate(seed, index, wrongStepShare);
            yield return (problem.Prompt, solution);
        }
    }

    /// <inheritdoc/>
    public DemoProblem[] DrawProblems(ulong seed, int count) => [.. AdditionTask.DrawHeldOut(seed, count).Select(DemoProblem.Of)];
}
