namespace DftNative.Train.Progress;

/// <summary>Rows of cells as aligned text: the first column to the left, the others to the right.</summary>
internal static class TextTable
{
    /// <summary>Writes the rows, all of one length.</summary>
    public static void Write(IReadOnlyList<string[]> rows, TextWriter output)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
    }
}
