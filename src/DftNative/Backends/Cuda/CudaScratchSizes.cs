namespace DftNative.Backends.Cuda;

/// <summary>
/// The scratch memory of every operation, without a device: what <see cref="CudaBackend.Reserve"/> allocates and a plan
/// counts. Each length is the largest that any pass within the shape takes, however its documents and targets lie.
/// </summary>
internal static class CudaScratchSizes
{
    /// <summary>Numbers of a tile or a chunk.</summary>
    private const int AttentionFieldCount = AttentionList<AttentionTile>.FieldCount;

    /// <summary>The sizes for passes of a shape.</summary>
    /// <param name="shape">The largest pass.</param>
    /// <param name="multiprocessorCount">SMs of the device: some kernels leave partial sums for each.</param>
    public static IReadOnlyList<CudaScratchSize> For(in PassShape shape, int multiprocessorCount)
    {
        var tiles = CudaBackend.MostAttentionTiles(shape.TokenCount) * AttentionFieldCount;
        var sizes = new List<CudaScratchSize> { new(CudaScratchKind.AttentionForwardTiles, tiles) };
        if (shape.CachedSequences > 0)
        {
            var chunks = CudaBackend.MostDecodeChunks(shape.CachedSequences, shape.CachedTokens);
            sizes.Add(new(CudaScratchKind.AttentionDecodeChunks, chunks * AttentionFieldCount));
            sizes.Add(new(CudaScratchKind.AttentionDecodePartials, CudaBackend.DecodePartialsLength(chunks, shape.HeadCount, shape.HeadDimension)));
        }

        if (shape.SampledRows > 0)
        {
            sizes.Add(new(CudaScratchKind.SamplingRows, (long)shape.SampledRows * CudaBackend.SamplingRowLength));
            sizes.Add(new(CudaScratchKind.SamplingDraws, (long)shape.SampledRows * CudaBackend.TokenDrawLength));
            sizes.Add(new(CudaScratchKind.SamplingEarlierTokens, (long)shape.SampledRows * Math.Min(shape.CachedTokens, shape.VocabularySize)));
        }

        if (shape.Training || shape.Scoring)
        {
            sizes.Add(new(CudaScratchKind.Logits, CudaBackend.LogitsLength(Math.Min(shape.LossChunkRows, shape.TokenCount), shape.VocabularySize)));
            sizes.Add(new(CudaScratchKind.LossRowStatistics, (long)shape.TokenCount * CudaBackend.RowStatisticsLength));
        }

        if (!shape.Training) return sizes;
        sizes.Add(new(CudaScratchKind.AttentionQueryTiles, tiles));
        sizes.Add(new(CudaScratchKind.AttentionKeyTiles, tiles));
        sizes.Add(new(CudaScratchKind.AttentionDelta, (long)shape.HeadCount * shape.TokenCount));
        sizes.Add(new(CudaScratchKind.ColumnPartials, ColumnPartials(shape, multiprocessorCount)));
        sizes.Add(new(CudaScratchKind.GradientNormPartials, CudaBackend.GradientNormBlocks));
        if (shape.GradientType == DataType.BFloat16) sizes.Add(new(CudaScratchKind.WeightGradientSums, WeightGradientSums(shape)));
        return sizes;
    }

    private static long WeightGradientSums(in PassShape shape) =>
        shape.WeightShapes().Max(static weight => CudaBackend.WeightGradientSumsLength(weight.Rows, weight.Columns));

    /// <summary>The norms' weight gradients and the biases' share it.</summary>
    private static long ColumnPartials(in PassShape shape, int multiprocessorCount)
    {
        var length = (long)CudaBackend.ResidualRmsNormBackwardBlocks(shape.TokenCount, shape.HiddenSize, multiprocessorCount) * shape.HiddenSize;
        if (shape.QueryKeyNorm)
        {
            var blocks = CudaBackend.HeadRmsNormBackwardBlocks((long)shape.TokenCount * shape.HeadCount, shape.HeadDimension, multiprocessorCount);
            length = Math.Max(length, (long)blocks * shape.HeadDimension);
        }

        var parts = CudaBackend.MostColumnParts(shape.TokenCount);
        if (shape.QueryKeyValueBias)
            length = Math.Max(length, (long)parts * (shape.HeadCount + (2 * shape.KeyValueHeadCount)) * shape.HeadDimension);
        return shape.AttentionOutputBias ? Math.Max(length, (long)parts * shape.HiddenSize) : length;
    }
}
