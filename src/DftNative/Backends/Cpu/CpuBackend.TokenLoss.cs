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
        if (!arguments.Statistics.IsEmpty)
        {
            RequireLength(arguments.Statistics, TokenLossStatistics.Length, nameof(arguments.Statistics));
            RequireType(arguments.Statistics.DataType, DataType.Float64);
        }

        var reference = arguments.Reference;
        if (!reference.IsEmpty)
        {
            RequireShape(reference.Hidden, hidden.Rows, reference.Weight.Columns, nameof(reference.Hidden));
            RequireShape(reference.Weight, vocabulary, reference.Weight.Columns, nameof(reference.Weight));
            RequireLength(reference.TokenWeights, count, nameof(reference.TokenWeights));
        }

        var backward = !arguments.WeightGradient.IsEmpty;
        if (!arguments.Entropies.IsEmpty)
        {
            if (backward) throw new ArgumentException("Entropies are given forward alone", nameof(arguments));
            RequireLength(arguments.Entropies, count, nameof(arguments.Entropies));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(arguments.ChunkRows, 1);
        var models = reference.IsEmpty ? 1 : 2;
        var chunkRows = (int)Math.Min(Math.Min(count, arguments.ChunkRows), Math.Max(MinLossRows, LogitsPerChunk / models / vocabulary / 16 * 16));
        var chunkLength = (long)chunkRows * vocabulary;
        var logits = sharedScratch.Floats((models * chunkLength) + (2L * count));
        var referenceLogits = reference.IsEmpty ? null : logits + chunkLength;
        var losses = logits + (models * chunkLength);
        var correct = losses + count;
        for (var start = 0; start < count; start += chunkRows)
        {
            var rows = Math.Min(chunkRows, count - start);
            var h = Floats(hidden) + ((long)start * hidden.RowStride);
            Multiply(false, true, rows, vocabulary, size, h, hidden.RowStride, Floats(weight), weight.RowStride, 0, logits, vocabulary);
            float* tokenWeights = null;
            if (!reference.IsEmpty)
            {
                var referenceSize = reference.Hidden.Columns;
                Multiply(
                    false, true, rows, vocabulary, referenceSize, Floats(reference.Hidden) + ((long)start * reference.Hidden.RowStride), reference.Hidden.RowStride,
                    Floats(reference.Weight), reference.Weight.RowStride, 0, referenceLogits, vocabulary);
                tokenWeights = Floats(reference.TokenWeights) + start;
            }

            var job = new TokenLossJob(
                scratch, logits, referenceLogits, tokenWeights, reference.Factor, vocabulary, Integers(arguments.Targets) + start, Floats(arguments.StaticWeights) + start, Integers(arguments.IsStatic) + start,
                Floats(arguments.LogProbabilities) + start, losses + start, correct + start, arguments.Entropies.IsEmpty ? null : Floats(arguments.Entropies) + start, arguments.GradientScale, arguments.Weighting, rows, backward);
            pool.Run(in job, Tiles(rows, TokenLossJob.TileRows));
            if (!backward) continue;
            var hiddenGradient = Floats(arguments.HiddenGradient) + ((long)start * arguments.HiddenGradient.RowStride);
            Multiply(false, false, rows, size, vocabulary, logits, vocabulary, Floats(weight), weight.RowStride, 0, hiddenGradient, arguments.HiddenGradient.RowStride);
            Multiply(true, false, vocabulary, size, rows, logits, vocabulary, h, hidden.RowStride, 1, Floats(arguments.WeightGradient), arguments.WeightGradient.RowStride);
        }

        if (arguments.Statistics.IsEmpty) return;
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
        WorkerScratch[] scratch, float* logits, float* referenceLogits, float* tokenWeights, float divergenceFactor, int vocabulary,
        int* targets, float* staticWeights, int* isStatic, float* logProbabilities, float* losses, float* correct, float* entropies,
        float gradientScale, TokenWeighting weighting, int rows, bool backward) : ITileJob
    {
        public const int TileRows = 8;

        public void Execute(int tile, int worker)
        {
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++) Evaluate(row, worker);
        }

        private void Evaluate(int row, int worker)
        {
            var z = logits + ((long)row * vocabulary);
            var target = targets[row];
            var (targetLogit, max) = (z[target], SimdMath.Max(z, vocabulary));
            var entropyWeight = weighting.EntropyTopK == 0 ? 1 : EntropyWeight(z, worker);
            if (entropies != null) entropies[row] = SimdMath.Entropy(z, vocabulary, max);
            var divergence = referenceLogits is null ? default : new Divergence(z, referenceLogits + ((long)row * vocabulary), vocabulary, max);
            var sum = referenceLogits is null ? SimdMath.ExpInPlace(z, vocabulary, 1, max) : divergence.Sum;
            var logProbability = targetLogit - max - MathF.Log(sum);
            var weight = staticWeights[row] * (isStatic[row] != 0 ? 1 : entropyWeight * weighting.Evaluate(logProbability));
            var divergenceWeight = referenceLogits is null ? 0 : tokenWeights[row] * divergenceFactor;
            logProbabilities[row] = logProbability;
            losses[row] = (-weight * logProbability) + (divergenceWeight * divergence.Value);
            correct[row] = targetLogit >= max ? 1 : 0;
            if (!backward) return;
            var scale = weight * gradientScale;
            var targetGradient = scale * ProbabilityMath.ExpMinusOne(logProbability);
            if (referenceLogits is null)
            {
                SimdMath.Scale(scale / sum, z, vocabulary);
                z[target] = targetGradient;
            }
            else
            {
                z[target] = targetGradient + divergence.ReplaceByGradients(scale, divergenceWeight * gradientScale, target);
            }
        }

        private float EntropyWeight(float* z, int worker)
        {
            var count = Math.Min(weighting.EntropyTopK, vocabulary);
            return weighting.EvaluateEntropy(TopEntropy.Of(z, vocabulary, count, scratch[worker].Floats(count)));
        }
    }
}
