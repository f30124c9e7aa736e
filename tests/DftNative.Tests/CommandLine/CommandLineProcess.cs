using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.CommandLine;

/// <summary>The built command line, run as a user runs it.</summary>
internal sealed partial class CommandLineProcess : IDisposable
{
    /// <summary>SIGINT, SIGKILL and SIGTERM of POSIX. SIGINT reaches only what <see cref="StartAtTerminal"/> started for certain.</summary>
    public const int Interrupt = 2, Killed = 9, Terminate = 15;

    // What a shell starts in the background ignores SIGINT, and what that starts in turn: the tests, and the program.
    private static readonly string[] withInterrupts = ["env", "--default-signal=INT"];

    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Process process;

    public CommandLineProcess(params string[] args)
        : this([], args)
    {
    }

    /// <summary>Starts it with variables of its own, beside this process's.</summary>
    public CommandLineProcess(Dictionary<string, string> environment, params string[] args)
        : this(environment, [], args)
    {
    }

    private CommandLineProcess(Dictionary<string, string> environment, string[] launcher, string[] args)
    {
        string[] command = [.. launcher, "dotnet", typeof(Train.CommandLine).Assembly.Location, .. args];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var arg in command[1..]) start.ArgumentList.Add(arg);
        start.Environment.Remove("DFTNATIVE_DEBUG");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts it with SIGINT as it is for a program that is started at a terminal, where Ctrl-C sends it.</summary>
    public static CommandLineProcess StartAtTerminal(params string[] args)
    {
        if (Command.Run(withInterrupts[0], [.. withInterrupts[1..], "true"]) is not { ExitCode: 0 }) Assert.Ignore("SIGINT is set to its default by env of coreutils 8.31 or later");
        return new CommandLineProcess([], withInterrupts, args);
    }

    public bool IsRunning => !process.HasExited;

    public string Output => Read(output);

    public string Error => Read(error);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit status.</returns>
    public int Wait()
    {
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Waits until standard output holds a text.</summary>
    public void WaitForOutput(string text)
    {
        while (!Output.Contains(text, StringComparison.Ordinal) && !process.HasExited) Thread.Sleep(10);
    }

    /// <summary>Sends a signal at once: by the time that a program had been started to send it, the work could be done.</summary>
    public void Signal(int signal) => Assert.That(SendSignal(process.Id, signal), Is.Zero, "kill(2)");

    /// <summary>Ends it as a power failure would: nothing of it runs any more.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
