using DftNative.Backends.Profiling;

namespace DftNative.Training;

/// <summary>Where a step's time went, in milliseconds: the device's by what it worked on, and what is left of the whole.</summary>
/// <param name="Embedding">The embedding, forward and backward.</param>
/// <param name="Attention">Attention, forward and backward.</param>
/// <param name="MatrixProducts">The linear layers.</param>
/// <param name="Elementwise">Norms, rotations, SwiGLU, rows moved, gradients set to zero.</param>
/// <param name="LossHead">The LM head and the token loss, their matrix products included.</param>
/// <param name="Optimizer">The gradient's norm and AdamW.</param>
/// <param name="Host">The rest of the step: the device waited for the host, copied indices, or was between two operations.</param>
public sealed record StepProfile(
    double Embedding, double Attention, double MatrixProducts, double Elementwise, double LossHead, double Optimizer, double Host)
{
    /// <summary>The whole step.</summary>
    public double Total => Parts.Sum(part => part.Milliseconds);

    /// <summary>Each part by its name in the metrics.</summary>
    public IReadOnlyList<(string Name, double Milliseconds)> Parts =>
    [
        ("embedding", Embedding), ("attention", Attention), ("matrix_products", MatrixProducts), ("elementwise", Elementwise),
        ("loss_head", LossHead), ("optimizer", Optimizer), ("host", Host),
    ];

    /// <summary>The profile of a step, or of several together.</summary>
    /// <param name="operationSeconds">[<see cref="OperationTimer.OperationCount"/>] the device's time by <see cref="BackendOperation"/>.</param>
    /// <param name="totalSeconds">The whole time.</param>
    public static StepProfile Of(ReadOnlySpan<double> operationSeconds, double totalSeconds)
    {
        var rest = totalSeconds;
        foreach (var seconds in operationSeconds) rest -= seconds;
        return new StepProfile(
            Sum(operationSeconds, BackendOperation.Embedding),
            Sum(operationSeconds, BackendOperation.AttentionForward, BackendOperation.AttentionBackward),
            Sum(operationSeconds, BackendOperation.LinearForward, BackendOperation.LinearBackward),
            Sum(operationSeconds, BackendOperation.RmsNorm, BackendOperation.RotaryEmbedding, BackendOperation.SwiGlu, BackendOperation.Rows, BackendOperation.Memory),
            Sum(operationSeconds, BackendOperation.LossHead),
            Sum(operationSeconds, BackendOperation.Optimizer),
            1e3 * Math.Max(0, rest));
    }

    private static double Sum(ReadOnlySpan<double> seconds, params ReadOnlySpan<BackendOperation> operations)
    {
        var sum = 0.0;
        foreach (var operation in operations) sum += seconds[(int)operation];
        return 1e3 * sum;
    }
}
