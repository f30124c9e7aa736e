using Microsoft.Extensions.Logging;

namespace DftNative.Train;

/// <summary>Writes the library's messages to standard error, so that standard output stays a command's result.</summary>
internal sealed class ConsoleLogger : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var prefix = logLevel >= LogLevel.Warning ? "warning: " : "";
        Console.Error.WriteLine(prefix + formatter(state, exception));
    }
}
