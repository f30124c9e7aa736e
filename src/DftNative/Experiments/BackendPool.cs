using System.Collections.Concurrent;
using DftNative.Backends;

namespace DftNative.Experiments;

/// <summary>Devices for runs that go on at once, each opened when it is first needed.</summary>
/// <param name="open">Opens one.</param>
internal sealed class BackendPool(Func<IBackend> open) : IDisposable
{
    private readonly ConcurrentBag<IBackend> free = [];
    private readonly ConcurrentBag<IBackend> all = [];
    private readonly object gate = new();
    private (string Device, string ComputeType)? kind;

    /// <summary>What the devices are, and compute with: what decides the rounding.</summary>
    public (string Device, string ComputeType) Kind
    {
        get
        {
            lock (gate)
            {
                if (kind is { } known) return known;
                var backend = Take();
                Return(backend);
                return KindOf(backend);
            }
        }
    }

    /// <summary>A device that no one else uses.</summary>
    public IBackend Take()
    {
        if (free.TryTake(out var backend)) return backend;
        backend = open();
        all.Add(backend);
        lock (gate) kind ??= KindOf(backend);
        return backend;
    }

    /// <summary>Gives one back.</summary>
    public void Return(IBackend backend) => free.Add(backend);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var backend in all) backend.Dispose();
    }

    private static (string Device, string ComputeType) KindOf(IBackend backend) => (backend.DeviceName(), backend.ComputeType.Name());
}
