using DftNative.Cuda;

namespace DftNative.Train;

/// <summary>Turns whatever ended a command into a line on standard error and an exit status.</summary>
internal static class ErrorReport
{
    private const string DebugVariable = "DFTNATIVE_DEBUG";

    /// <summary>An error is at most four lines, of which one is its own.</summary>
    private const int LogLines = 3;

    /// <summary>Writes at most four lines, or the whole trace where DFTNATIVE_DEBUG is set.</summary>
    public static ExitCode Write(Exception exception, TextWriter error)
    {
        var exitCode = exception switch
        {
            DftNativeException expected => expected.ExitCode,
            CudaException => ExitCode.Device,
            OperationCanceledException => ExitCode.Interrupted,
            IOException or UnauthorizedAccessException => ExitCode.CannotWrite,
            OutOfMemoryException => ExitCode.Device,
            _ => ExitCode.InternalError,
        };
        error.WriteLine($"error: {Describe(exception, exitCode)}");
        if (Environment.GetEnvironmentVariable(DebugVariable) is { Length: > 0 }) error.WriteLine(exception);
        else if (exitCode == ExitCode.InternalError) error.WriteLine($"This is a bug in dftnative. Set {DebugVariable}=1 for the stack trace to report it with.");
        return exitCode;
    }

    private static string Describe(Exception exception, ExitCode exitCode)
    {
        if ((exception as CudaException ?? exception.InnerException) is CudaCompilationException compilation) return Describe(compilation, exception.Message);
        var message = exception.Message.ReplaceLineEndings(" ");
        return exitCode switch
        {
            ExitCode.InternalError => $"{exception.GetType().Name}: {message}",
            ExitCode.Device when exception is OutOfMemoryException => $"out of memory: {message}; lower micro_batch_tokens or max_length",
            _ => message,
        };
    }

    /// <summary>The lines of the compiler's log that tell what is wrong and where: an error's own line has file and line.</summary>
    /// <param name="compilation">Has the log.</param>
    /// <param name="message">The compilation's, or it and what a command has added.</param>
    private static string Describe(CudaCompilationException compilation, string message)
    {
        var added = message.StartsWith(compilation.Message, StringComparison.Ordinal) ? message[compilation.Message.Length..] : "";
        var lines = compilation.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var errors = lines.Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(LogLines).ToArray();
        var shown = errors.Length > 0 ? errors : lines.Take(LogLines);
        return $"a kernel did not compile; {DebugVariable}=1 shows the whole log{added}\n{string.Join('\n', shown)}";
    }
}
