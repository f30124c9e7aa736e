namespace DftNative.Demo;

/// <summary>Random pairs to learn by heart, measured on the pairs that were shown: there is nothing else to know.</summary>
/// <param name="factCount">Facts to learn, see <see cref="RecallTask"/>.</param>
internal sealed class FactRecall(int factCount) : IDemoTask
{
    /// <inheritdoc/>
    /// <remarks>A key, its value and the end of text, with some to spare for an answer that goes on.</remarks>
    public int RowLength => 16;

    /// <inheritdoc/>
    public IEnumerable<(string Prompt, string Response)> Demonstrate(ulong seed, int count) =>
        new RecallTask(seed, factCount).Demonstrate(count).Select(fact => (fact.Prompt, fact.Answer));

    /// <inheritdoc/>
    public DemoProblem[] DrawProblems(ulong seed, int count) => [.. new RecallTask(seed, factCount).TrainingFacts.Take(count).Select(DemoProblem.Of)];
}
