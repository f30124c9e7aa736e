namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>What one wrapper must give in a launch of kernels/self_test.cu.</summary>
/// <param name="Wrapper">The function in kernels/*.cuh.</param>
/// <param name="Instruction">The PTX instruction behind it.</param>
/// <param name="Expected">The wrapper's part of the output, by the PTX manual.</param>
internal sealed record SelfTestCheck(string Wrapper, string Instruction, IReadOnlyList<ExpectedWord> Expected)
{
    /// <summary>The first word that is not as it must be, and how many; null where there is none.</summary>
    /// <param name="words">As many as are expected.</param>
    public string? FindDifference(ReadOnlySpan<uint> words)
    {
        var (first, count) = (-1, 0);
        for (var index = 0; index < Expected.Count; index++)
        {
            if (Expected[index].IsMetBy(words[index])) continue;
            if (count++ == 0) first = index;
        }

        return count == 0
            ? null
            : $"word {first}: expected {Expected[first]}, got {ExpectedWord.Describe(words[first])}; {count} of {Expected.Count} words differ";
    }
}
