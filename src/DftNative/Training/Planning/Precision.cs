namespace DftNative.Training.Planning;

/// <summary>How many bits the weights' master, gradients and moments have.</summary>
public enum Precision
{
    /// <summary>fp32.</summary>
    Exact,

    /// <summary>fp32 master, bf16 gradients and moments.</summary>
    Lean,

    /// <summary>bf16.</summary>
    Tiny,
}
