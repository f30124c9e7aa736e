using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse)
    {
        RequireLength(positions, x.Rows, nameof(positions));
        RequireShape(cosSin, cosSin.Rows, headDimension, nameof(cosSin));
        var job = new RotaryJob(Floats(x), x.RowStride, Integers(positions), Floats(cosSin), cosSin.RowStride, x.Rows, x.Columns / headDimension, headDimension, inverse);
        pool.Run(in job, Tiles(x.Rows, RotaryJob.TileRows));
    }

    private readonly struct RotaryJob(
        float* x, long stride, int* positions, float* cosSin, long tableStride, int rows, int heads, int headDimension, bool inverse) : ITileJob
    {
        public const int TileRows = 32;

        public void Execute(int tile, int worker)
        {
            var half = headDimension / 2;
            var sign = inverse ? -1f : 1f;
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++)
            {
                var cos = cosSin + (positions[row] * tableStride);
                var sin = cos + half;
                for (var head = 0; head < heads; head++)
                {
                    var first = x + (row * stride) + ((long)head * headDimension);
                    var second = first + half;
                    var i = 0;
                    for (; i <= half - SimdMath.Width; i += SimdMath.Width)
                    {
                        var (c, s) = (Vector512.Load(cos + i), Vector512.Load(sin + i) * sign);
                        var (a, b) = (Vector512.Load(first + i), Vector512.Load(second + i));
                        ((a * c) - (b * s)).Store(first + i);
                        ((b * c) + (a * s)).Store(second + i);
                    }

                    for (; i < half; i++)
                    {
                        var (c, s, a, b) = (cos[i], sin[i] * sign, first[i], second[i]);
                        first[i] = (a * c) - (b * s);
                        second[i] = (b * c) + (a * s);
                    }
                }
            }
        }
    }
}
