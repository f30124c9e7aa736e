namespace DftNative.Bench.Kernels;

/// <summary>What the device reached in this run at the two things that bound a kernel.</summary>
/// <param name="BytesPerSecond">A copy's, read and written.</param>
/// <param name="FlopsPerSecond">A large product of bf16 matrices.</param>
internal sealed record DeviceCeilings(double BytesPerSecond, double FlopsPerSecond)
{
    /// <summary>Rows and columns of the product's matrices.</summary>
    public const int MatrixSize = 8192;

    /// <summary>Measures both.</summary>
    public static DeviceCeilings Measure(OperandArena operands, MemoryKernels memory, KernelTimer timer)
    {
        var copy = timer.MedianMilliseconds(memory.Copy, () => { });
        const long length = (long)MatrixSize * MatrixSize;
        var (a, b, c) = (operands.Random(length), operands.Random(length), operands.Output(length));
        var product = timer.MedianMilliseconds(
            () => operands.Backend.LinearForward(
                a.Matrix(MatrixSize, MatrixSize), b.Matrix(MatrixSize, MatrixSize), default, c.Matrix(MatrixSize, MatrixSize)),
            () => { });
        return new DeviceCeilings(2 * memory.SizeInBytes / (copy / 1000), 2.0 * length * MatrixSize / (product / 1000));
    }
}
