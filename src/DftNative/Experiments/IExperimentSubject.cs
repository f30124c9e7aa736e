using DftNative.Backends;
using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>What a comparison trains and how it measures. Runs of several threads may be in it at once.</summary>
public interface IExperimentSubject : IDisposable
{
    /// <summary>What decides results besides the experiment, as text by name: runs for which it differs are not compared.</summary>
    IEnumerable<(string Name, string Value)> Describe();

    /// <summary>Trains and measures one run.</summary>
    /// <param name="backend">The device; no other run uses it meanwhile.</param>
    /// <param name="cell">The run.</param>
    /// <param name="options">Its options.</param>
    /// <param name="directory">A directory of its own; what is in it a run that goes on may use.</param>
    /// <param name="observer">Told of its steps.</param>
    /// <param name="cancellation">Ends it without a result.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>: the run failed, others need not.</exception>
    CellResult Run(IBackend backend, ExperimentCell cell, TrainingOptions options, string directory, IExperimentObserver observer, CancellationToken cancellation);

    /// <summary>Removes what a run needed to go on, once its result is written, be it one or a failure.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="directory">Its directory; may have been cleaned up already.</param>
    void CleanUp(TrainingOptions options, string directory);
}
