using DftNative.Backends;

namespace DftNative.Experiments;

/// <summary>Measures a trained model by its answers.</summary>
public interface IExperimentEvaluator
{
    /// <summary>What decides the result, as text by name: runs that were measured otherwise are not compared.</summary>
    IEnumerable<(string Name, string Value)> Describe();

    /// <summary>Lets a model answer.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="modelDirectory">The trained model.</param>
    /// <param name="seed">Of the sampling; the same for runs that are compared pairwise.</param>
    /// <param name="cancellation">Ends it without a result.</param>
    EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation);
}
