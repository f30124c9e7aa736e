using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Analysis;

/// <summary>An analysis's directory.</summary>
/// <param name="path">Made if it does not exist.</param>
public sealed class AnalysisOutput(string path)
{
    private const string ReportFileName = "report.html", NumbersFileName = "analysis.json";

    /// <summary>The page.</summary>
    public string ReportPath => Path.Combine(path, ReportFileName);

    /// <summary>The numbers.</summary>
    public string NumbersPath => Path.Combine(path, NumbersFileName);

    /// <summary>Checks that nothing would be lost. The numbers without the page are of an analysis that was killed, and are replaced.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the directory holds an analysis, or something else.</exception>
    public void Check()
    {
        if (File.Exists(path)) throw new DftNativeException(ExitCode.Usage, $"output {path} is a file; name a directory");
        if (!Directory.Exists(path)) return;
        AtomicFile.RemoveLeftovers(path, ReportFileName, NumbersFileName);
        var foreign = Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).FirstOrDefault(name => name is not (ReportFileName or NumbersFileName));
        if (foreign is not null) throw new DftNativeException(ExitCode.Usage, $"output {path} holds {foreign}, which is no analysis; name another directory");
        if (File.Exists(ReportPath)) throw new DftNativeException(ExitCode.Usage, $"output {path} holds an analysis; name another directory, or remove it");
    }

    /// <summary>Writes both files.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>.</exception>
    public void Write(TokenAnalysis analysis, string data, int sample, int moveCount)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWriteDirectory(path, exception);
        }

        AtomicFile.Write(NumbersPath, stream =>
        {
            AnalysisJson.Write(stream, analysis, moveCount);
            return 0;
        });
        AtomicFile.Write(ReportPath, Encoding.UTF8.GetBytes(AnalysisReport.ToHtml(analysis, data, sample, moveCount)));
    }
}
