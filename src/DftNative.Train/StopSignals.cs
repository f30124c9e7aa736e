using System.Runtime.InteropServices;

namespace DftNative.Train;

/// <summary>Turns the first SIGINT (Ctrl-C) or SIGTERM into a request to stop; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly Action onFirst;
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Begins to listen.</summary>
    /// <param name="onFirst">Called at the first signal, on a thread of its own.</param>
    public StopSignals(Action onFirst)
    {
        this.onFirst = onFirst;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        // The default action, which ends the process, is left to the second signal.
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        source.Cancel();
        onFirst();
    }
}
