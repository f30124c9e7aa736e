using DftNative.Models;

namespace DftNative.Bench.Kernels;

/// <summary>The size of the work that cases are made for.</summary>
/// <param name="Model">Its layer shapes.</param>
/// <param name="Tokens">Rows of a micro-batch.</param>
internal sealed record KernelProblem(BenchModel Model, int Tokens)
{
    /// <summary>The model's shapes.</summary>
    public ModelConfiguration Shape => Model.Configuration;
}
