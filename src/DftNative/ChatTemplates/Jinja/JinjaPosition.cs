namespace DftNative.ChatTemplates.Jinja;

/// <summary>Places in a template's source.</summary>
internal static class JinjaPosition
{
    /// <summary>An error at a UTF-16 place of the source.</summary>
    public static JinjaException Error(string source, int position, string message, Exception? innerException = null)
    {
        var before = source.AsSpan(0, Math.Min(position, source.Length));
        var (line, column) = (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
        return new JinjaException($"chat template, line {line}, column {column}: {message}", line, column, innerException);
    }
}
