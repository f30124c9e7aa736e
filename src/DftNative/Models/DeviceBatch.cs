using System.Runtime.InteropServices;
using DftNative.Backends;

namespace DftNative.Models;

/// <summary>The device's copy of a pass's indices: tokens, positions, attention ranges, targets. Filled anew for every pass, allocated once.</summary>
internal sealed class DeviceBatch : IDisposable
{
    /// <summary>Rows of the head are filled up to such multiples, so that its matrix products have few shapes.</summary>
    private const int HeadRowMultiple = 256;

    private readonly IBackend backend;
    private readonly List<DeviceBuffer> buffers = [];
    private readonly Vector tokens, positions, ranges, rows, targets, staticWeights, isStatic, logProbabilities, entropies;
    private readonly Vector distinctTokens, tokenRowStarts, tokenRows;
    private readonly int[] host;
    private readonly AttentionRange[] cachedRanges;
    private ReadOnlyMemory<AttentionRange> hostRanges;
    private AttentionPlan? plan;
    private int tokenCount, liveTokenCount, rowCount, liveRowCount, distinctCount;

    public DeviceBatch(IBackend backend, int maxTokens, bool training, bool scoring = false)
    {
        this.backend = backend;
        MaxTokens = maxTokens;
        tokens = Allocate(DataType.Int32, maxTokens, "tokens");
        positions = Allocate(DataType.Int32, maxTokens, "positions");
        ranges = Allocate(DataType.Int32, 4L * maxTokens, "attention ranges");
        rows = Allocate(DataType.Int32, maxTokens, "target rows");
        targets = Allocate(DataType.Int32, maxTokens, "targets");
        staticWeights = Allocate(DataType.Float32, maxTokens, "token weights");
        isStatic = Allocate(DataType.Int32, maxTokens, "static weight flags");
        logProbabilities = Allocate(DataType.Float32, maxTokens, "token log-probabilities");
        if (scoring) entropies = Allocate(DataType.Float32, maxTokens, "entropies");
        if (training)
        {
            distinctTokens = Allocate(DataType.Int32, maxTokens, "distinct tokens");
            tokenRowStarts = Allocate(DataType.Int32, maxTokens + 1, "rows of distinct tokens");
            tokenRows = Allocate(DataType.Int32, maxTokens, "rows by token");
        }

        host = new int[maxTokens];
        cachedRanges = new AttentionRange[maxTokens];

        Vector Allocate(DataType dataType, long length, string name)
        {
            var buffer = backend.Allocate(dataType, length, MemoryCategory.Workspace, name);
            buffers.Add(buffer);
            return buffer.AsVector();
        }
    }

    /// <summary>The most tokens of a pass.</summary>
    public int MaxTokens { get; }

    /// <summary>Rows of this pass, T: its tokens, and dead rows after them where the backend fills up passes.</summary>
    public int TokenCount => tokenCount;

    /// <summary>The rows that are tokens, at most T.</summary>
    public int LiveTokenCount => liveTokenCount;

    /// <summary>Rows whose hidden state goes to the LM head, N: those that predict a target, and dead rows after them where the backend fills up passes.</summary>
    public int HeadRowCount => rowCount;

    /// <summary>The rows that predict a target, L, at most N.</summary>
    public int LiveHeadRowCount => liveRowCount;

    /// <summary>[T] int32.</summary>
    public Vector Tokens => tokens.Slice(0, tokenCount);

    /// <summary>[T] int32.</summary>
    public Vector Positions => positions.Slice(0, tokenCount);

    /// <summary>Which keys each row sees.</summary>
    public AttentionRanges Ranges => new(ranges, hostRanges, plan);

    /// <summary>[N] int32: rows of the pass; of dead rows those of an earlier pass, or the first: any will do.</summary>
    public Vector HeadRows => rows.Slice(0, rowCount);

    /// <summary>[L] int32: rows of the pass, all different.</summary>
    public Vector LiveHeadRows => rows.Slice(0, liveRowCount);

    /// <summary>[L] int32.</summary>
    public Vector Targets => targets.Slice(0, liveRowCount);

    /// <summary>[L] fp32.</summary>
    public Vector StaticWeights => staticWeights.Slice(0, liveRowCount);

    /// <summary>[L] int32.</summary>
    public Vector IsStatic => isStatic.Slice(0, liveRowCount);

    /// <summary>[L] fp32, written by the loss head.</summary>
    public Vector LogProbabilities => logProbabilities.Slice(0, liveRowCount);

    /// <summary>[L] fp32, written by the loss head; empty unless scoring.</summary>
    public Vector Entropies => entropies.IsEmpty ? default : entropies.Slice(0, liveRowCount);

    /// <summary>[D] int32: the distinct tokens, ascending.</summary>
    public Vector DistinctTokens => distinctTokens.Slice(0, distinctCount);

    /// <summary>[D + 1] int32.</summary>
    public Vector TokenRowStarts => tokenRowStarts.Slice(0, distinctCount + 1);

    /// <summary>[<see cref="LiveTokenCount"/>] int32: rows grouped by token.</summary>
    public Vector TokenRows => tokenRows.Slice(0, liveTokenCount);

    /// <summary>
    /// Uploads a training micro-batch. Dead rows are token 0, so that every operation writes finite numbers to them. None
    /// has a target: their gradients are exact zeros, which add nothing to the weights'.
    /// </summary>
    public void Set(PreparedPass pass)
    {
        var batch = pass.Batch;
        RequireFit(pass.TokenCount);
        (liveTokenCount, tokenCount, liveRowCount) = (batch.TokenCount, pass.TokenCount, batch.TargetCount);
        rowCount = backend.PadsMicroBatches ? Math.Min(RoundUp(liveRowCount, HeadRowMultiple), MaxTokens) : liveRowCount;
        (hostRanges, plan) = (pass.Ranges, pass.Plan);
        backend.Upload<int>(batch.Tokens, tokens);
        backend.Upload<int>(batch.Positions, positions);
        backend.Upload<int>(batch.TargetRows, rows);
        backend.Upload<int>(batch.Targets, targets);
        backend.Upload<float>(batch.StaticWeights, staticWeights);
        backend.Upload<int>(batch.IsStatic, isStatic);
        if (tokenCount > liveTokenCount)
        {
            backend.Zero(tokens.Slice(liveTokenCount, tokenCount - liveTokenCount));
            backend.Zero(positions.Slice(liveTokenCount, tokenCount - liveTokenCount));
        }

        UploadRanges();
    }

    /// <summary>Uploads which rows each distinct token has.</summary>
    public void SetTokenRows(MicroBatch batch)
    {
        var rowsOfTokens = batch.TokenRows;
        distinctCount = rowsOfTokens.DistinctTokens.Length;
        backend.Upload<int>(rowsOfTokens.Rows, tokenRows);
        backend.Upload<int>(rowsOfTokens.DistinctTokens, distinctTokens);
        backend.Upload<int>(rowsOfTokens.Starts, tokenRowStarts);
    }

    /// <summary>Uploads a pass over sequences with a cache: each part's rows are appended to its slot and see the slot's keys so far.</summary>
    /// <param name="parts">The new tokens of each sequence.</param>
    /// <param name="cache">Where each row's keys and values go; its <see cref="KeyValueCache.Rows"/> are written.</param>
    /// <param name="headRows">Rows of the head: each part's last, and any after them.</param>
    public void Set(ReadOnlySpan<CachedPart> parts, KeyValueCache cache, int headRows)
    {
        tokenCount = 0;
        foreach (var part in parts) tokenCount += part.Tokens.Length;
        RequireFit(tokenCount);
        liveTokenCount = tokenCount;
        (rowCount, liveRowCount) = (headRows, parts.Length);
        (hostRanges, plan) = (cachedRanges.AsMemory(0, parts.Length), null);
        var start = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            var count = part.Tokens.Length;
            part.Tokens.Span.CopyTo(host.AsSpan(start));
            cachedRanges[i] = new AttentionRange(start, count, cache.FirstRow(part.Slot), part.Position + count);
            start += count;
        }

        backend.Upload<int>(host.AsSpan(0, start), tokens);
        UploadRanges();
        UploadEach(positions, static (range, i) => range.KeyCount - range.QueryCount + i);
        UploadEach(cache.Rows, static (range, i) => range.KeyStart + range.KeyCount - range.QueryCount + i);
        for (var i = 0; i < parts.Length; i++) host[i] = cachedRanges[i].QueryStart + cachedRanges[i].QueryCount - 1;
        host.AsSpan(parts.Length, headRows - parts.Length).Clear();
        backend.Upload<int>(host.AsSpan(0, headRows), rows);
    }

    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private void UploadRanges() => backend.Upload(MemoryMarshal.Cast<AttentionRange, int>(hostRanges.Span), ranges);

    /// <summary>Uploads a number for each query of each range.</summary>
    private void UploadEach(Vector destination, Func<AttentionRange, int, int> value)
    {
        var count = 0;
        foreach (var range in hostRanges.Span)
            for (var i = 0; i < range.QueryCount; i++) host[count++] = value(range, i);
        backend.Upload<int>(host.AsSpan(0, count), destination);
    }

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;

    private void RequireFit(int count)
    {
        if (count > MaxTokens) throw new ArgumentException($"A pass of {count} tokens does not fit the {MaxTokens} that were allocated.");
    }
}
