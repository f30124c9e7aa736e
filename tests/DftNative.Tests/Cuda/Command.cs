using System.Diagnostics;

namespace DftNative.Tests.Cuda;

/// <summary>A program run to its end.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">What it wrote to standard output, then to standard error.</param>
internal sealed record Command(int ExitCode, string Output)
{
    /// <summary>Runs a program in the repository's folder; null where there is no such program.</summary>
    public static Command? Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = RepositoryFolder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new Command(process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
