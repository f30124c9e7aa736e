using DftNative.Backends;
using DftNative.Backends.Profiling;

namespace DftNative.Training;

/// <summary>Times the steps of a run, where that is asked for, and sums them up.</summary>
internal sealed class StepProfiler : IDisposable
{
    private readonly ProfiledBackend? profiled;
    private readonly double[] seconds = new double[OperationTimer.OperationCount];
    private readonly double[] sums = new double[OperationTimer.OperationCount];
    private double totalSeconds;
    private bool hasWarmedUp;

    /// <summary>Times nothing unless <paramref name="isOn"/>.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="isOn">The option <c>profile</c>.</param>
    public StepProfiler(IBackend backend, bool isOn)
    {
        profiled = isOn ? new ProfiledBackend(backend) : null;
        Backend = profiled ?? backend;
    }

    /// <summary>Where the steps are to be computed.</summary>
    public IBackend Backend { get; }

    /// <summary>Steps in <see cref="Mean"/>: all but the first, which compiles and plans.</summary>
    public int StepCount { get; private set; }

    /// <summary>A step's mean; null: no step was timed.</summary>
    public StepProfile? Mean => StepCount == 0 ? null : StepProfile.Of(Array.ConvertAll(sums, sum => sum / StepCount), totalSeconds / StepCount);

    /// <summary>Before a step.</summary>
    public void Begin() => profiled?.Begin();

    /// <summary>After a step for whose end the host has waited.</summary>
    /// <param name="elapsedSeconds">The whole step.</param>
    /// <returns>Null: not asked for.</returns>
    public StepProfile? End(double elapsedSeconds)
    {
        if (profiled is null) return null;
        profiled.End(seconds);
        if (hasWarmedUp)
        {
            for (var i = 0; i < sums.Length; i++) sums[i] += seconds[i];
            totalSeconds += elapsedSeconds;
            StepCount++;
        }

        hasWarmedUp = true;
        return StepProfile.Of(seconds, elapsedSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => profiled?.Dispose();
}
