using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    private readonly WorkerScratch sharedScratch = new();

    /// <inheritdoc/>
    public void ResidualRmsNormForward(Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon)
    {
        RequireShape(output, x.Rows, x.Columns, nameof(output));
        RequireLength(weight, x.Columns, nameof(weight));
        RequireLength(rstd, x.Rows, nameof(rstd));
        var hasResidual = !residual.IsEmpty;
        if (hasResidual)
        {
            RequireShape(residual, x.Rows, x.Columns, nameof(residual));
            RequireShape(sum, x.Rows, x.Columns, nameof(sum));
        }

        var job = new RmsNormForwardJob(
            Floats(x), x.RowStride, hasResidual ? Floats(residual) : null, residual.RowStride, hasResidual ? Floats(sum) : null, sum.RowStride,
            Floats(output), output.RowStride, Floats(weight), Floats(rstd), x.Rows, x.Columns, 1, epsilon);
        pool.Run(in job, Tiles(x.Rows, RmsNormForwardJob.TileRows));
    }

    /// <inheritdoc/>
    public void ResidualRmsNormBackward(Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate)
    {
        RequireShape(outputGradient, sum.Rows, sum.Columns, nameof(outputGradient));
        RequireShape(sumGradient, sum.Rows, sum.Columns, nameof(sumGradient));
        RmsNormBackward(outputGradient, sum, weight, rstd, sumGradient, weightGradient, groups: 1, accumulate);
    }

    /// <summary>Backward of an RMSNorm over each of a row's <paramref name="groups"/> equal parts.</summary>
    private void RmsNormBackward(Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient, int groups, bool accumulate)
    {
        var size = x.Columns / groups;
        RequireLength(weight, size, nameof(weight));
        RequireLength(weightGradient, size, nameof(weightGradient));
        RequireLength(rstd, (long)x.Rows * groups, nameof(rstd));
        var tiles = Tiles(x.Rows, RmsNormBackwardJob.TileRows);
        var partials = sharedScratch.Floats((long)tiles * size);
        var job = new RmsNormBackwardJob(
            Floats(outputGradient), outputGradient.RowStride, Floats(x), x.RowStride, Floats(weight), Floats(rstd), Floats(xGradient), xGradient.RowStride, partials, x.Rows, size, groups, accumulate);
        pool.Run(in job, tiles);
        var total = Floats(weightGradient);
        for (var tile = 0; tile < tiles; tile++) SimdMath.Add(partials + ((long)tile * size), total, size);
    }

    private readonly struct RmsNormForwardJob(
        float* x, long xStride, float* residual, long residualStride, float* sum, long sumStride, float* output, long outputStride,
        float* weight, float* rstd, int rows, int size, int groups, float epsilon) : ITileJob
    {
        public const int TileRows = 32;

        public void Execute(int tile, int worker)
        {
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++)
            {
                for (var group = 0; group < groups; group++)
                {
                    long start = (long)group * size;
                    var source = x + (row * xStride) + start;
                    if (residual is not null)
                    {
                        var total = sum + (row * sumStride) + start;
                        AddRows(source, residual + (row * residualStride) + start, total);
                        source = total;
                    }

                    var scale = 1 / MathF.Sqrt((SimdMath.Dot(source, source, size) / size) + epsilon);
                    rstd[((long)row * groups) + group] = scale;
                    Normalize(source, scale, output + (row * outputStride) + start);
                }
            }
        }

        private void AddRows(float* a, float* b, float* destination)
        {
            var i = 0;
            for (; i <= size - SimdMath.Width; i += SimdMath.Width) (Vector512.Load(a + i) + Vector512.Load(b + i)).Store(destination + i);
            for (; i < size; i++) destination[i] = a[i] + b[i];
        }

        private void Normalize(float* source, float scale, float* destination)
        {
            var factor = Vector512.Create(scale);
            var i = 0;
            for (; i <= size - SimdMath.Width; i += SimdMath.Width) (Vector512.Load(source + i) * factor * Vector512.Load(weight + i)).Store(destination + i);
            for (; i < size; i++) destination[i] = source[i] * scale * weight[i];
        }
    }

    private readonly struct RmsNormBackwardJob(
        float* outputGradient, long outputStride, float* x, long xStride, float* weight, float* rstd, float* xGradient, long gradientStride,
        float* partials, int rows, int size, int groups, bool accumulate) : ITileJob
    {
        public const int TileRows = 64;

        public void Execute(int tile, int worker)
        {
            var partial = partials + ((long)tile * size);
            new Span<float>(partial, size).Clear();
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++)
            {
                for (var group = 0; group < groups; group++)
                {
                    long start = (long)group * size;
                    Backward(
                        outputGradient + (row * outputStride) + start, x + (row * xStride) + start,
                        rstd[((long)row * groups) + group], xGradient + (row * gradientStride) + start, partial);
                }
            }
        }

        private void Backward(float* dy, float* source, float scale, float* dx, float* partial)
        {
            var (factor, dot) = (Vector512.Create(scale), Vector512<float>.Zero);
            var i = 0;
            for (; i <= size - SimdMath.Width; i += SimdMath.Width)
            {
                var product = Vector512.Load(dy + i) * Vector512.Load(source + i) * factor;
                (Vector512.Load(partial + i) + product).Store(partial + i);
                dot = Vector512.FusedMultiplyAdd(product, Vector512.Load(weight + i), dot);
            }

            var sum = Vector512.Sum(dot);
            for (; i < size; i++)
            {
                var product = dy[i] * source[i] * scale;
                partial[i] += product;
                sum += product * weight[i];
            }

            var mean = sum / size * scale;
            var meanVector = Vector512.Create(-mean);
            i = 0;
            for (; i <= size - SimdMath.Width; i += SimdMath.Width)
            {
                var value = factor * Vector512.FusedMultiplyAdd(meanVector, Vector512.Load(source + i), Vector512.Load(dy + i) * Vector512.Load(weight + i));
                (accumulate ? value + Vector512.Load(dx + i) : value).Store(dx + i);
            }

            for (; i < size; i++)
            {
                var value = scale * ((dy[i] * weight[i]) - (mean * source[i]));
                dx[i] = accumulate ? dx[i] + value : value;
            }
        }
    }
}
