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
    private string? computeType;

    /// <summary>What the devices compute with.</summary>
    public string ComputeType
    {
        get
        {
            lock (gate)
            {
                if (computeType is not null) return computeType;
                var backend = Take();
                computeType = backend.ComputeType.Name();
                Return(backend);
                return computeType;
            }
        }
    }

    /// <summary>A device that no one else uses.</summary>
    public IBackend Take()
    {
        if (free.TryTake(out var backend)) return backend;
        backend = open();
        all.Add(backend);
        lock (gate) computeType ??= backend.ComputeType.Name();
        return backend;
    }

    /// <summary>Gives one back.</summary>
    public void Return(IBackend backend) => free.Add(backend);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var backend in all) backend.Dispose();
    }
}
