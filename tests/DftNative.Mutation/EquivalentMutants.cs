namespace DftNative.Mutation;

/// <summary>
/// The survivors that were looked at and change nothing that a result, a check or a count could show. A line of
/// equivalent.txt is "file | the mutated line, trimmed | why"; where several lines of the file become the same, "file | the
/// line => the mutated line | why".
/// </summary>
internal sealed class EquivalentMutants
{
    private readonly Dictionary<(string File, string Line), string> reasons = [];

    /// <summary>Reads the list.</summary>
    public EquivalentMutants(string path)
    {
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(" | ", 3);
            if (parts.Length != 3) throw new FormatException($"{path}: '{line}' is not 'file | line | why'");
            reasons[(parts[0], parts[1])] = parts[2];
        }
    }

    /// <summary>Why that mutant cannot be killed; null if nobody said so.</summary>
    public string? ReasonOf(string file, string line, string mutatedLine) =>
        reasons.GetValueOrDefault((file, mutatedLine.Trim())) ?? reasons.GetValueOrDefault((file, $"{line.Trim()} => {mutatedLine.Trim()}"));
}
