using System.Text.Json;

namespace DftNative.Demo;

/// <summary>A demo's output directory: what is where in it, and when it may be replaced.</summary>
/// <param name="path">The directory.</param>
internal sealed class DemoOutput(string path)
{
    private const string ResultFileName = "demo.json";
    private const string ReportFileName = "report.html";
    private const string ModelsDirectoryName = "models";

    private static readonly string[] OwnNames = [ResultFileName, ReportFileName, ModelsDirectoryName, DemoData.DemonstrationsFileName, DemoData.ProblemsFileName, DemoData.SolutionsFileName];

    /// <summary>The directory of a model: base, sft or dft.</summary>
    public string ModelPath(string name) => Path.Combine(path, ModelsDirectoryName, name);

    /// <summary>Writes demo.json and report.html.</summary>
    public void WriteReports(DemoResult result)
    {
        File.WriteAllBytes(Path.Combine(path, ResultFileName), DemoJson.Write(result));
        File.WriteAllText(Path.Combine(path, ReportFileName), DemoReport.ToHtml(result));
    }

    /// <summary>Writes the rows that the models were trained on, and the held-out problems.</summary>
    public void WriteData(IEnumerable<(AdditionProblem Problem, string Solution)> demonstrations, IReadOnlyList<AdditionProblem> problems) =>
        DemoData.Write(path, demonstrations, problems);

    /// <summary>Refuses a directory that holds anything but an earlier demo.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>.</exception>
    public static void Check(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new DftNativeException(ExitCode.Usage, "output has no name; name a directory");
        if (File.Exists(path)) throw new DftNativeException(ExitCode.Usage, $"output {path} is a file; name a directory");
        if (!Directory.Exists(path)) return;
        var names = Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).ToList();
        var foreign = names.Find(name => !OwnNames.Contains(name));
        if (names.Count == 0 || (foreign is null && IsDemo(Path.Combine(path, ResultFileName)))) return;
        var reason = foreign is null ? $"its {ResultFileName} is not a demo's" : $"it holds {foreign}";
        throw new DftNativeException(ExitCode.Usage, $"output {path} is neither empty nor an earlier demo's ({reason}); name another directory with --output");
    }

    private static bool IsDemo(string file)
    {
        try
        {
            return File.Exists(file) && DemoJson.IsDemo(File.ReadAllBytes(file));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
