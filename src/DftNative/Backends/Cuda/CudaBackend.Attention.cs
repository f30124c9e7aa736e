using System.Runtime.CompilerServices;
using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/attention_*.cu, but those of CudaBackend.AttentionDecode.cs.</content>
public sealed partial class CudaBackend
{
    private AttentionTileList? forwardTiles;
    private AttentionTileList? queryTiles;
    private AttentionTileList? keyTiles;

    private AttentionTileList ForwardTiles => forwardTiles ??= new AttentionTileList(this, Scratch(CudaScratchKind.AttentionForwardTiles), ofKeys: false);

    private AttentionTileList QueryTiles => queryTiles ??= new AttentionTileList(this, Scratch(CudaScratchKind.AttentionQueryTiles), ofKeys: false);

    private AttentionTileList KeyTiles => keyTiles ??= new AttentionTileList(this, Scratch(CudaScratchKind.AttentionKeyTiles), ofKeys: true);

    /// <summary>Tiles of a pass at most, of queries or of keys: a document of one token is one.</summary>
    internal static long MostAttentionTiles(int tokens) => tokens;

    /// <inheritdoc/>
    public AttentionPlan PlanAttention(ReadOnlySpan<AttentionRange> ranges, in AttentionShape shape, bool training) =>
        new CudaAttentionPlan(AttentionKernels.For(Context.ComputeCapability, shape.HeadDimension), ranges, training);

    /// <inheritdoc cref="IBackend.AttentionForward"/>
    /// <remarks>
    /// The head dimension is a multiple of 8, at most 128; the scale is above 0. Rows outside the ranges are not touched. Which
    /// kernel takes a range, and in what order it adds, depends on the range alone.
    /// </remarks>
    public void AttentionForward(
        Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape)
    {
        CheckAttention(query, key, value, logSumExp, ranges, shape);
        CheckShape(output, query.Rows, query.Columns);
        var set = AttentionKernels.For(Context.ComputeCapability, shape.HeadDimension);
        ForwardTiles.Update(ranges, set.Forward.RowsPerTile);
        DecodeChunks.Update(ranges, set.Decode.RowsPerTile);
        if (ForwardTiles.Count > 0)
        {
            kernels.Get(set.Forward.Variant).Launch(
                AttentionLaunch(set.Forward, ForwardTiles, shape.HeadCount),
                Rows(query), Rows(key), Rows(value), Rows(output), Statistics(logSumExp),
                Pointer(ForwardTiles.Device, DataType.Int32),
                shape.HeadCount, shape.HeadCount / shape.KeyValueHeadCount, shape.HeadDimension, shape.Scale);
        }

        if (DecodeChunks.Count > 0) AttentionDecode(query, key, value, output, logSumExp, set.Decode, shape);
    }

    /// <inheritdoc cref="IBackend.AttentionBackward"/>
    /// <remarks>As forward. Gradients alias no other operand.</remarks>
    public void AttentionBackward(
        Matrix outputGradient, Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp,
        Matrix queryGradient, Matrix keyGradient, Matrix valueGradient, in AttentionRanges ranges, in AttentionShape shape)
    {
        CheckAttention(query, key, value, logSumExp, ranges, shape);
        CheckShape(outputGradient, query.Rows, query.Columns);
        CheckShape(output, query.Rows, query.Columns);
        CheckShape(queryGradient, query.Rows, query.Columns);
        CheckShape(keyGradient, key.Rows, key.Columns);
        CheckShape(valueGradient, key.Rows, key.Columns);
        var set = AttentionKernels.For(Context.ComputeCapability, shape.HeadDimension);
        var group = shape.HeadCount / shape.KeyValueHeadCount;
        KeyTiles.Update(ranges, set.KeyValueGradient.RowsPerTile);
        if (KeyTiles.Count == 0) return;
        var delta = Scratch(CudaScratchKind.AttentionDelta).Take((long)shape.HeadCount * query.Rows).AsMatrix(shape.HeadCount, query.Rows);

        QueryTiles.Update(ranges, set.QueryGradient.RowsPerTile);
        kernels.Get(set.QueryGradient.Variant).Launch(
            AttentionLaunch(set.QueryGradient, QueryTiles, shape.HeadCount),
            Rows(outputGradient), Rows(query), Rows(key), Rows(value), Rows(output), Statistics(logSumExp), Statistics(delta),
            Rows(queryGradient), Pointer(QueryTiles.Device, DataType.Int32),
            shape.HeadCount, group, shape.HeadDimension, shape.Scale);

        kernels.Get(set.KeyValueGradient.Variant).Launch(
            AttentionLaunch(set.KeyValueGradient, KeyTiles, shape.KeyValueHeadCount),
            Rows(outputGradient), Rows(query), Rows(key), Rows(value), Statistics(logSumExp), Statistics(delta),
            Rows(keyGradient), Rows(valueGradient), Pointer(KeyTiles.Device, DataType.Int32),
            shape.KeyValueHeadCount, group, shape.HeadDimension, shape.Scale);
    }

    private static void CheckAttention(
        Matrix query, Matrix key, Matrix value, Matrix logSumExp, in AttentionRanges ranges, in AttentionShape shape)
    {
        var (heads, keyValueHeads, headDimension, scale) = shape;
        if (headDimension <= 0 || headDimension % 8 != 0 || headDimension > AttentionKernels.LargestHeadDimension)
            throw new ArgumentException($"head dimension {headDimension} is not a multiple of 8 up to {AttentionKernels.LargestHeadDimension}", nameof(shape));
        if (keyValueHeads <= 0 || heads <= 0 || heads % keyValueHeads != 0)
            throw new ArgumentException($"{keyValueHeads} key/value heads do not divide {heads} query heads", nameof(shape));
        if (!(scale > 0)) throw new ArgumentException($"the scale is {scale} and must be above 0", nameof(shape));
        CheckShape(query, query.Rows, heads * headDimension);
        CheckShape(key, key.Rows, keyValueHeads * headDimension);
        CheckShape(value, key.Rows, keyValueHeads * headDimension);
        if (logSumExp.Rows != heads || logSumExp.Columns < query.Rows)
            throw new ArgumentException($"logSumExp is [{logSumExp.Rows}, {logSumExp.Columns}] and must be [{heads}, {query.Rows}]", nameof(logSumExp));
        foreach (var range in ranges.Host.Span)
        {
            if (range.QueryStart + (long)range.QueryCount > query.Rows || range.KeyStart + (long)range.KeyCount > key.Rows)
                throw new ArgumentException($"{range} ends after the {query.Rows} rows of query or the {key.Rows} of key", nameof(ranges));
        }
    }

    private LaunchConfiguration AttentionLaunch(AttentionKernel kernel, AttentionTileList tiles, int heads) =>
        new(checked(tiles.Count * heads), kernel.Block.Threads, kernel.Block.SharedMemoryInBytes, stream);

    private StridedPointer Rows(Matrix view, [CallerArgumentExpression(nameof(view))] string operand = "") =>
        new(Pointer(view, ComputeType, operand), view.RowStride);

    private StridedPointer Statistics(Matrix view, [CallerArgumentExpression(nameof(view))] string operand = "") =>
        new(Pointer(view, DataType.Float32, operand), view.RowStride);
}
