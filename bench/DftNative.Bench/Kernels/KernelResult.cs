namespace DftNative.Bench.Kernels;

/// <summary>A row of the table.</summary>
/// <param name="Name">operation/model.</param>
/// <param name="Shape">The shape in words.</param>
/// <param name="Bytes">That must be moved; 0 where FLOPs bound the kernel.</param>
/// <param name="Flops">0 where bytes bound it.</param>
/// <param name="Milliseconds">Null where nothing was timed.</param>
/// <param name="Fraction">Of the measured copy or GEMM ceiling; null likewise.</param>
/// <param name="Output">The output that is nearest to its bound, or past it.</param>
/// <param name="Error">That output's error against fp64; null where the case could not run.</param>
/// <param name="Bound">Its bound.</param>
/// <param name="Failure">Null, or why the case did not pass or did not run.</param>
/// <param name="Skipped">Whether the device does not have the operation, which is no failure.</param>
internal sealed record KernelResult(
    string Name, string Shape, double Bytes, double Flops, double? Milliseconds, double? Fraction, string? Output, double? Error, double? Bound,
    string? Failure, bool Skipped);
