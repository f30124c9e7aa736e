namespace DftNative.Mutation;

/// <summary>One small fault that can be put into a file.</summary>
/// <param name="File">The file, from the repository's root.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Where the text that is replaced begins, from 0.</param>
/// <param name="Length">How long that text is.</param>
/// <param name="Replacement">What takes its place.</param>
/// <param name="Kind">What sort of fault it is.</param>
internal sealed record MutationSite(string File, int Line, int Column, int Length, string Replacement, string Kind)
{
    /// <summary>The line with the fault.</summary>
    public string Apply(string line) => line[..Column] + Replacement + line[(Column + Length)..];

    /// <summary>The fault in a text of lines.</summary>
    public string ApplyToText(string text)
    {
        var lines = text.Split('\n');
        lines[Line - 1] = Apply(lines[Line - 1]);
        return string.Join('\n', lines);
    }
}
