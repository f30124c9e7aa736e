using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Tests.Training;

public sealed class LoadProgressTests
{
    [Test]
    public void ALineEveryFewSecondsUntilItIsDone()
    {
        var clock = new Clock();
        var lines = new List<string>();
        var progress = new LoadProgress(new ListLogger(lines), "models/large", 1000, clock);
        Pass(4, 100);
        Assert.That(lines, Is.Empty);
        Pass(1, 150);
        Pass(4, 200);
        Pass(2, 300);
        Pass(20, 250);
        Assert.That(lines, Is.EqualTo(new[] { "loading models/large: 25 %", "loading models/large: 75 %" }), "none at the end, which speaks for itself");

        void Pass(int seconds, long elements)
        {
            clock.Seconds += seconds;
            progress.Report(elements);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public int Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    private sealed class ListLogger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
