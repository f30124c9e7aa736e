namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon)
    {
        RequireShape(output, x.Rows, x.Columns, nameof(output));
        var (size, groups) = ((int)weight.Length, x.Columns / (int)weight.Length);
        RequireLength(rstd, (long)x.Rows * groups, nameof(rstd));
        var job = new RmsNormForwardJob(
            Floats(x), x.RowStride, null, 0, null, 0, Floats(output), output.RowStride, Floats(weight), Floats(rstd), x.Rows, size, groups, epsilon);
        pool.Run(in job, Tiles(x.Rows, RmsNormForwardJob.TileRows));
    }

    /// <inheritdoc/>
    public void HeadRmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient)
    {
        RequireShape(outputGradient, x.Rows, x.Columns, nameof(outputGradient));
        RequireShape(xGradient, x.Rows, x.Columns, nameof(xGradient));
        RmsNormBackward(outputGradient, x, weight, rstd, xGradient, weightGradient, x.Columns / (int)weight.Length, accumulate: false);
    }
}
