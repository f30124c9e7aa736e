using DftNative.Losses;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <summary>fp32 logits alive at once; a chunk has at least <see cref="MinLossRows"/> rows whatever the vocabulary.</summary>
    private const long LogitsPerChunk = 8L << 20;

    private const int MinLossRows = 64;

    /// <inheritdoc/>
    public void TokenLoss(in TokenLossArguments arguments)
    {
        var (hidden, weight) = (arguments.Hidden, arguments.Weight);
        int count = (int)arguments.LogProbabilities.Length, vocabulary = weight.Rows, size = hidden.Columns;
        if (count > hidden.Rows) throw new ArgumentException($"LogProbabilities has {count} elements for {hidden.Rows} rows", nameof(arguments));
        RequireLength(arguments.Targets, count, nameof(arguments.Targets));
        RequireLength(arguments.StaticWeights, count, nameof(arguments.StaticWeights));
        RequireLength(arguments.IsStatic, count, nameof(arguments.IsStatic));
        RequireLength(arguments.Statistics, TokenLossStatistics.Length, nameof(arguments.Statistics));
        RequireType(arguments.Statistics.DataType, DataType.Float64);
        var backward = !arguments.WeightGradient.IsEmpty;
        ArgumentOutOfRangeException.ThrowIfLessThan(arguments.ChunkRows, 1);
        var chunkRows = (int)Math.Min(Math.Min(count, arguments.ChunkRows), Math.Max(MinLossRows, LogitsPerChunk / vocabulary / 16 * 16));
        var logits = sharedScratch.Floats(((long)chunkRows * vocabulary) + (2L * count));
        var losses = logits + ((long)chunkRows * vocabulary);
        var correct = losses + count;
        for (var start = 0; start < count; start += chunkRows)
        {
            var rows = Math.Min(chunkRows, count - start);
            var h = Floats(hidden) + ((long)start * hidden.RowStride);
            Multiply(false, true, rows, vocabulary, size, h, hidden.RowStride, Floats(weight), weight.RowStride, 0, logits, vocabulary);
            var job = new TokenLossJob(
                logits, vocabulary, Integers(arguments.Targets) + start, Floats(arguments.StaticWeights) + start, Integers(arguments.IsStatic) + start,
                Floats(arguments.LogProbabilities) + start, losses + start, correct + start, arguments.GradientScale, arguments.Weighting, rows, backward);
            pool.Run(in job, Tiles(rows, TokenLossJob.TileRows));
            if (!backward) continue;
            var hiddenGradient = Floats(arguments.HiddenGradient) + ((long)start * arguments.HiddenGradient.RowStride);
            Multiply(false, false, rows, size, vocabulary, logits, vocabulary, Floats(weight), weight.RowStride, 0, hiddenGradient, arguments.HiddenGradient.RowStride);
            Multiply(true, false, vocabulary, size, rows, logits, vocabulary, h, hidden.RowStride, 1, Floats(arguments.WeightGradient), arguments.WeightGradient.RowStride);
        }

        AddStatistics((double*)Address(arguments.Statistics), Floats(arguments.LogProbabilities), losses, correct, count);
    }

    private static void AddStatistics(double* statistics, float* logProbabilities, float* losses, float* correct, int count)
    {
        statistics[0] += count;
        for (var i = 0; i < count; i++)
        {
            var probability = Math.Exp(logProbabilities[i]);
            statistics[1] += losses[i];
            statistics[2] -= logProbabilities[i];
            statistics[3] += probability;
            statistics[4] += correct[i];

            // A probability that is not a number has no bin; its loss shows it.
            if (probability >= 0) statistics[5 + Math.Min(TokenLossStatistics.HistogramBins - 1, (int)(probability * TokenLossStatistics.HistogramBins))]++;
        }
    }

    private readonly struct TokenLossJob(
        float* logits, int vocabulary, int* targets, float* staticWeights, int* isStatic, float* logProbabilities, float* losses, float* correct,
        float gradientScale, TokenWeighting weighting, int rows, bool backward) : ITileJob
    {
        public const int TileRows = 8;

        public void Execute(int tile, int worker)
        {
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++)
            {
                var z = logits + ((long)row * vocabulary);
                var target = targets[row];
                var (targetLogit, max) = (z[target], SimdMath.Max(z, vocabulary));
                var sum = SimdMath.ExpInPlace(z, vocabulary, 1, max);
                var logProbability = targetLogit - max - MathF.Log(sum);
                var weight = staticWeights[row] * (isStatic[row] != 0 ? 1 : weighting.Evaluate(logProbability));
                logProbabilities[row] = logProbability;
                losses[row] = -weight * logProbability;
                correct[row] = targetLogit >= max ? 1 : 0;
                if (!backward) continue;
                var scale = weight * gradientScale;
                SimdMath.Scale(scale / sum, z, vocabulary);
                z[target] = scale * ExpMinusOne(logProbability);
            }
        }

        /// <summary>e^x − 1 without the loss of digits near 0, for x ≤ 0.</summary>
        private static float ExpMinusOne(float x)
        {
            // Kahan's formula in double: (e^x − 1)·x / ln(e^x), exact enough to be rounded once.
            var u = Math.Exp(x);
            if (u == 1) return x;
            return u < 1e-5 ? (float)(u - 1) : (float)((u - 1) * x / Math.Log(u));
        }
    }
}
