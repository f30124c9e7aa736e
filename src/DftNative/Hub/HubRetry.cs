using System.Globalization;

namespace DftNative.Hub;

/// <summary>Tries again what failed in a way that may pass, a bounded number of times and each time later.</summary>
/// <param name="wait">Waits; <see cref="Task.Delay(TimeSpan, CancellationToken)"/> but in tests.</param>
/// <param name="observer">Told of every failure.</param>
internal sealed class HubRetry(Func<TimeSpan, CancellationToken, Task> wait, IHubObserver observer)
{
    /// <summary>Attempts in a row without progress before it is given up.</summary>
    public const int Attempts = 6;

    /// <summary>What an attempt must have brought to count as progress: a connection that is cut ever and again would never end otherwise.</summary>
    public const long ProgressInBytes = 1 << 20;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestAskedDelay = TimeSpan.FromMinutes(5);

    /// <summary>Runs <paramref name="attempt"/> until it succeeds.</summary>
    /// <param name="attempt">Throws <see cref="TransientHubException"/> where another attempt may help.</param>
    /// <param name="attempts">The most attempts without progress.</param>
    /// <param name="presentBytes">How far it has come; null: there is no partial success.</param>
    /// <param name="cancellationToken">Ends it, waiting included.</param>
    /// <exception cref="DftNativeException">Exit code 3: all attempts failed.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, int attempts, Func<long>? presentBytes, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            var before = presentBytes?.Invoke() ?? 0;
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (TransientHubException exception)
            {
                if (presentBytes is not null && presentBytes() - before >= ProgressInBytes) failures = 0;
                failures++;
                if (failures >= attempts) throw GiveUp(exception, attempts > 1 ? $"given up after {failures} attempts" : null);
                var delay = exception.RetryAfter ?? TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << (failures - 1)));
                if (delay > LongestAskedDelay) throw GiveUp(exception, $"the server asks to wait {Format(delay)}: try again then");
                observer.OnWarning($"{exception.Message}; trying again in {Format(delay)}");
                await wait(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static DftNativeException GiveUp(TransientHubException exception, string? outcome) =>
        new(ExitCode.InvalidInput, outcome is null ? exception.Message : $"{exception.Message}; {outcome}", exception);

    private static string Format(TimeSpan delay) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(delay.TotalSeconds):0} s");
}
