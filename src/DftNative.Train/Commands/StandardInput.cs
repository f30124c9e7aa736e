namespace DftNative.Train.Commands;

/// <summary>A text that is piped in, or typed.</summary>
internal static class StandardInput
{
    /// <summary>All of it, without the line feed that ends the last line; a terminal is asked for it.</summary>
    public static string ReadText()
    {
        if (!Console.IsInputRedirected) Console.Error.WriteLine("prompt, ended by Ctrl-D on a line of its own:");
        return ReadText(Console.In);
    }

    /// <summary>All of a text, without the line feed that ends the last line.</summary>
    /// <param name="reader">Read line by line: at a terminal reading to the end takes a second Ctrl-D.</param>
    internal static string ReadText(TextReader reader)
    {
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return string.Join('\n', lines);
    }
}
