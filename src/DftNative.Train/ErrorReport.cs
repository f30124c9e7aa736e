namespace DftNative.Train;

/// <summary>Turns whatever ended a command into a line on standard error and an exit status.</summary>
internal static class ErrorReport
{
    private const string DebugVariable = "DFTNATIVE_DEBUG";

    /// <summary>Writes at most four lines, or the whole trace where DFTNATIVE_DEBUG is set.</summary>
    public static ExitCode Write(Exception exception, TextWriter error)
    {
        var exitCode = exception switch
        {
            DftNativeException expected => expected.ExitCode,
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
        var message = exception.Message.ReplaceLineEndings(" ");
        return exitCode switch
        {
            ExitCode.InternalError => $"{exception.GetType().Name}: {message}",
            ExitCode.Device when exception is OutOfMemoryException => $"out of memory: {message}; lower micro_batch_tokens or max_length",
            _ => message,
        };
    }
}
