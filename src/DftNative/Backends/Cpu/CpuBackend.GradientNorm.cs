using DftNative.Losses;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default)
    {
        RequireLength(normAndClip, 2, nameof(normAndClip));
        var tiles = Tiles(gradients.Length, SumOfSquaresJob.TileLength);
        var partials = (double*)sharedScratch.Floats(2L * tiles);
        var job = new SumOfSquaresJob(Floats(gradients), gradients.Length, partials);
        pool.Run(in job, tiles);
        var sum = 0.0;
        for (var tile = 0; tile < tiles; tile++) sum += partials[tile];
        var norm = Math.Sqrt(sum);
        if (!statistics.IsEmpty)
        {
            RequireLength(statistics, TokenLossStatistics.StepLength, nameof(statistics));
            RequireType(statistics.DataType, DataType.Float64);
            var values = new Span<double>(Address(statistics), TokenLossStatistics.StepLength);
            if (!TokenLossStatistics.AreSumsFinite(values)) norm = double.NaN;
            values[TokenLossStatistics.GradientNormIndex] = (float)norm;
        }

        Floats(normAndClip)[0] = (float)norm;
        Floats(normAndClip)[1] = maxNorm > 0 ? (float)Math.Min(1, maxNorm / (norm + 1e-6)) : 1;
    }

    private readonly struct SumOfSquaresJob(float* values, long length, double* partials) : ITileJob
    {
        public const long TileLength = 1 << 16;

        /// <summary>Elements added in fp32 before the sum goes on in fp64.</summary>
        private const int RunLength = 1024;

        public void Execute(int tile, int worker)
        {
            var sum = 0.0;
            var end = Math.Min(length, (tile + 1) * TileLength);
            for (var start = tile * TileLength; start < end; start += RunLength)
                sum += SimdMath.Dot(values + start, values + start, (int)Math.Min(RunLength, end - start));
            partials[tile] = sum;
        }
    }
}
