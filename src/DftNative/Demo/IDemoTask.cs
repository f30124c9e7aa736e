namespace DftNative.Demo;

/// <summary>A task for the embedded model: demonstrations to learn from, and problems to measure by. Both are functions of a seed.</summary>
internal interface IDemoTask
{
    /// <summary>The most tokens of a prompt with its response and the end of text.</summary>
    int RowLength { get; }

    /// <summary>The first demonstrations of a seed, in the order of training.</summary>
    IEnumerable<(string Prompt, string Response)> Demonstrate(ulong seed, int count);

    /// <summary>Problems of a seed.</summary>
    /// <param name="seed">The same as of the demonstrations.</param>
    /// <param name="count">How many; a task that has fewer gives those.</param>
    DemoProblem[] DrawProblems(ulong seed, int count);
}
