using DftNative.Demo;
using Spectre.Console;

namespace DftNative.Train.Progress;

/// <summary>The end of a demo: its table and what it means.</summary>
internal static class DemoSummary
{
    /// <summary>Writes to the console: a drawn table on a terminal, aligned text elsewhere.</summary>
    public static void Write(DemoResult result, string output)
    {
        Console.WriteLine();
        if (Console.IsOutputRedirected) WriteText(result, Console.Out);
        else WriteTable(result);
        foreach (var line in DemoText.Conclusion(result, output)) Console.WriteLine(line);
    }

    /// <summary>The table as aligned text.</summary>
    public static void WriteText(DemoResult result, TextWriter writer) => TextTable.Write([DemoText.Columns, .. result.Models.Select(DemoText.Row)], writer);

    private static void WriteTable(DemoResult result)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in DemoText.Columns) table.AddColumn(new TableColumn(column) { Alignment = column == DemoText.Columns[0] ? Justify.Left : Justify.Right });
        foreach (var model in result.Models) table.AddRow([.. DemoText.Row(model).Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}
