namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <summary>Query rows that one product with the keys takes. The scores of a block are this many times the visible keys.</summary>
    private const int QueryBlock = 64;

    /// <summary>Up to this many query rows the keys are read once, without a GEMM: the decoding step.</summary>
    private const int FewQueries = 4;

    /// <inheritdoc/>
    public void AttentionForward(Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape)
    {
        RequireAttentionShapes(query, key, value, logSumExp, shape);
        RequireShape(output, query.Rows, query.Columns, nameof(output));
        RequireLength(ranges.Device, 4L * ranges.Count, nameof(ranges));
        var blocks = Tiles(ranges.MaxQueryCount, QueryBlock);
        var job = new AttentionForwardJob(
            gemm, scratch, Floats(query), query.RowStride, Floats(key), key.RowStride, Floats(value), value.RowStride, Floats(output), output.RowStride,
            Floats(logSumExp), logSumExp.RowStride, (AttentionRange*)Integers(ranges.Device), shape, blocks);
        pool.Run(in job, ranges.Count * shape.HeadCount * blocks);
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape)
    {
        RequireAttentionShapes(query, key, value, logSumExp, shape);
        RequireAttentionShapes(queryGradient, keyGradient, valueGradient, logSumExp, shape);
        RequireLength(ranges.Device, 4L * ranges.Count, nameof(ranges));
        RequireShape(outputGradient, query.Rows, query.Columns, nameof(outputGradient));
        RequireShape(output, query.Rows, query.Columns, nameof(output));
        var job = new AttentionBackwardJob(
            gemm, scratch, Floats(outputGradient), outputGradient.RowStride, Floats(query), query.RowStride, Floats(key), key.RowStride, Floats(value), value.RowStride,
            Floats(output), output.RowStride, Floats(logSumExp), logSumExp.RowStride, Floats(queryGradient), queryGradient.RowStride,
            Floats(keyGradient), keyGradient.RowStride, Floats(valueGradient), valueGradient.RowStride, (AttentionRange*)Integers(ranges.Device), shape);
        pool.Run(in job, ranges.Count * shape.KeyValueHeadCount);
    }

    private static void RequireAttentionShapes(Matrix query, Matrix key, Matrix value, Matrix logSumExp, AttentionShape shape)
    {
        RequireShape(query, query.Rows, shape.HeadCount * shape.HeadDimension, nameof(query));
        RequireShape(key, key.Rows, shape.KeyValueHeadCount * shape.HeadDimension, nameof(key));
        RequireShape(value, key.Rows, shape.KeyValueHeadCount * shape.HeadDimension, nameof(value));
        if (logSumExp.Rows != shape.HeadCount || logSumExp.Columns < query.Rows)
            throw new ArgumentException($"logSumExp is [{logSumExp.Rows}, {logSumExp.Columns}], not [{shape.HeadCount}, {query.Rows}].", nameof(logSumExp));
    }

    private readonly struct AttentionForwardJob(
        Gemm gemm, WorkerScratch[] scratch, float* query, long queryStride, float* key, long keyStride, float* value, long valueStride, float* output, long outputStride,
        float* logSumExp, long logSumExpStride, AttentionRange* ranges, AttentionShape shape, int blocks) : ITileJob
    {
        public void Execute(int tile, int worker)
        {
            // Later blocks see more keys: taken first, they leave the short ones to fill the end.
            var block = blocks - 1 - (tile % blocks);
            var head = tile / blocks % shape.HeadCount;
            var range = ranges[tile / blocks / shape.HeadCount];
            var first = block * QueryBlock;
            var rows = Math.Min(QueryBlock, range.QueryCount - first);
            if (rows <= 0) return;
            var dimension = shape.HeadDimension;
            var keyHead = (long)(head / (shape.HeadCount / shape.KeyValueHeadCount)) * dimension;
            var visible = range.KeyCount - range.QueryCount + first + rows;
            var q = query + ((range.QueryStart + first) * queryStride) + ((long)head * dimension);
            var k = key + (range.KeyStart * keyStride) + keyHead;
            var v = value + (range.KeyStart * valueStride) + keyHead;
            var o = output + ((range.QueryStart + first) * outputStride) + ((long)head * dimension);
            var lse = logSumExp + (head * logSumExpStride) + range.QueryStart + first;
            var scores = scratch[worker].Floats((long)rows * visible);
            var inverseSums = stackalloc float[QueryBlock];
            if (rows <= FewQueries)
            {
                for (var row = 0; row < rows; row++)
                    for (var j = 0; j < visible; j++) scores[((long)row * visible) + j] = SimdMath.Dot(q + (row * queryStride), k + (j * keyStride), dimension);
            }
            else
            {
                gemm.Multiply(false, true, rows, visible, dimension, 1, q, (int)queryStride, k, (int)keyStride, 0, scores, visible);
            }

            for (var row = 0; row < rows; row++)
            {
                var p = scores + ((long)row * visible);
                var count = visible - rows + row + 1;
                var max = SimdMath.Max(p, count) * shape.Scale;
                var sum = SimdMath.ExpInPlace(p, count, shape.Scale, max);
                new Span<float>(p + count, visible - count).Clear();
                lse[row] = max + MathF.Log(sum);
                inverseSums[row] = 1 / sum;
            }

            if (rows <= FewQueries)
            {
                for (var row = 0; row < rows; row++)
                {
                    var result = o + (row * outputStride);
                    new Span<float>(result, dimension).Clear();
                    for (var j = 0; j < visible - rows + row + 1; j++) SimdMath.AddScaled(scores[((long)row * visible) + j], v + (j * valueStride), result, dimension);
                }
            }
            else
            {
                gemm.Multiply(false, false, rows, dimension, visible, 1, scores, visible, v, (int)valueStride, 0, o, (int)outputStride);
            }

            for (var row = 0; row < rows; row++) SimdMath.Scale(inverseSums[row], o + (row * outputStride), dimension);
        }
    }

    /// <summary>A tile is one document and one key/value head: the query heads that read it are taken in order, so that dK and dV have one owner.</summary>
    private readonly struct AttentionBackwardJob(
        Gemm gemm, WorkerScratch[] scratch, float* outputGradient, long outputGradientStride, float* query, long queryStride, float* key, long keyStride, float* value, long valueStride,
        float* output, long outputStride, float* logSumExp, long logSumExpStride, float* queryGradient, long queryGradientStride,
        float* keyGradient, long keyGradientStride, float* valueGradient, long valueGradientStride, AttentionRange* ranges, AttentionShape shape) : ITileJob
    {
        public void Execute(int tile, int worker)
        {
            var keyHead = tile % shape.KeyValueHeadCount;
            var (start, count, _, _) = ranges[tile / shape.KeyValueHeadCount];
            int dimension = shape.HeadDimension, group = shape.HeadCount / shape.KeyValueHeadCount;
            var k = key + (start * keyStride) + ((long)keyHead * dimension);
            var v = value + (start * valueStride) + ((long)keyHead * dimension);
            var dk = keyGradient + (start * keyGradientStride) + ((long)keyHead * dimension);
            var dv = valueGradient + (start * valueGradientStride) + ((long)keyHead * dimension);
            for (var row = 0; row < count; row++)
            {
                new Span<float>(dk + (row * keyGradientStride), dimension).Clear();
                new Span<float>(dv + (row * valueGradientStride), dimension).Clear();
            }

            var probabilities = scratch[worker].Floats(2L * Math.Min(QueryBlock, count) * count);
            var gradients = probabilities + ((long)Math.Min(QueryBlock, count) * count);
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            {
                for (var first = 0; first < count; first += QueryBlock)
                {
                    var rows = Math.Min(QueryBlock, count - first);
                    var visible = first + rows;
                    var q = query + ((start + first) * queryStride) + ((long)head * dimension);
                    var dq = queryGradient + ((start + first) * queryGradientStride) + ((long)head * dimension);
                    var o = output + ((start + first) * outputStride) + ((long)head * dimension);
                    var dO = outputGradient + ((start + first) * outputGradientStride) + ((long)head * dimension);
                    var lse = logSumExp + (head * logSumExpStride) + start + first;
                    gemm.Multiply(false, true, rows, visible, dimension, 1, q, (int)queryStride, k, (int)keyStride, 0, probabilities, visible);
                    gemm.Multiply(false, true, rows, visible, dimension, 1, dO, (int)outputGradientStride, v, (int)valueStride, 0, gradients, visible);
                    for (var row = 0; row < rows; row++)
                    {
                        var delta = SimdMath.Dot(dO + (row * outputGradientStride), o + (row * outputStride), dimension);
                        ScoreGradients(probabilities + ((long)row * visible), gradients + ((long)row * visible), first + row + 1, visible, lse[row], delta);
                    }

                    gemm.Multiply(true, false, visible, dimension, rows, 1, probabilities, visible, dO, (int)outputGradientStride, 1, dv, (int)valueGradientStride);
                    gemm.Multiply(false, false, rows, dimension, visible, 1, gradients, visible, k, (int)keyStride, 0, dq, (int)queryGradientStride);
                    gemm.Multiply(true, false, visible, dimension, rows, 1, gradients, visible, q, (int)queryStride, 1, dk, (int)keyGradientStride);
                }
            }
        }

        /// <summary>Scores become P = exp(scale·S − lse); dP becomes scale·P∘(dP − D), D = dO·O; both are 0 where the mask is.</summary>
        private void ScoreGradients(float* p, float* dp, int count, int visible, float lse, float delta)
        {
            SimdMath.ExpInPlace(p, count, shape.Scale, lse);
            SimdMath.ScaledProductOfDifference(p, dp, delta, shape.Scale, count);
            new Span<float>(p + count, visible - count).Clear();
            new Span<float>(dp + count, visible - count).Clear();
        }
    }
}
