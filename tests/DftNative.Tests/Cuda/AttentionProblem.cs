using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>
/// Random operands of an attention, each with a row stride of its own. Rows that no range covers are NaN, and so is what
/// lies between the rows: whatever leaks shows.
/// </summary>
internal sealed class AttentionProblem
{
    /// <summary>What lies between the rows of an operand: NaN.</summary>
    public const ushort BetweenRows = 0xFFC1;

    /// <summary>Makes the operands.</summary>
    /// <param name="shape">Heads and scale.</param>
    /// <param name="ranges">Which keys each query sees.</param>
    public AttentionProblem(AttentionShape shape, params AttentionRange[] ranges)
    {
        Shape = shape;
        Ranges = ranges;
        QueryCount = ranges.Max(range => range.QueryStart + range.QueryCount) + 1;
        KeyCount = ranges.Max(range => range.KeyStart + range.KeyCount) + 1;
        var isQuery = Covered(QueryCount, ranges.Select(range => (range.QueryStart, range.QueryCount)));
        var isKey = Covered(KeyCount, ranges.Select(range => (range.KeyStart, range.KeyCount)));
        QueryWidth = shape.HeadCount * shape.HeadDimension;
        KeyWidth = shape.KeyValueHeadCount * shape.HeadDimension;
        Query = Operand(1, isQuery, QueryWidth);
        Key = Operand(2, isKey, KeyWidth);
        Value = Operand(3, isKey, KeyWidth);
        OutputGradient = Operand(4, isQuery, QueryWidth);
    }

    /// <summary>Heads and scale.</summary>
    public AttentionShape Shape { get; }

    /// <summary>Which keys each query sees.</summary>
    public AttentionRange[] Ranges { get; }

    /// <summary>Rows of query and output.</summary>
    public int QueryCount { get; }

    /// <summary>Rows of key and value.</summary>
    public int KeyCount { get; }

    /// <summary>Columns of query and output.</summary>
    public int QueryWidth { get; }

    /// <summary>Columns of key and value.</summary>
    public int KeyWidth { get; }

    /// <summary>[QueryCount, QueryWidth].</summary>
    public double[] Query { get; }

    /// <summary>[KeyCount, KeyWidth].</summary>
    public double[] Key { get; }

    /// <summary>[KeyCount, KeyWidth].</summary>
    public double[] Value { get; }

    /// <summary>[QueryCount, QueryWidth].</summary>
    public double[] OutputGradient { get; }

    /// <summary>Documents one after another, with a row between them that is in none.</summary>
    public static AttentionRange[] Documents(params int[] lengths)
    {
        var ranges = new List<AttentionRange>();
        var start = 1;
        foreach (var length in lengths)
        {
            ranges.Add(new AttentionRange(start, length, start, length));
            start += length + 1;
        }

        return [.. ranges];
    }

    /// <summary>Runs forward in the present order; the output's rows outside of ranges must be as they were.</summary>
    public (ushort[] Output, float[] LogSumExp) Forward(CudaBackendFixture test) => Forward(test, Ranges);

    /// <summary>The same of some of the ranges.</summary>
    public (ushort[] Output, float[] LogSumExp) Forward(CudaBackendFixture test, AttentionRange[] some)
    {
        using var query = Upload(test, Query, QueryWidth, 8);
        using var key = Upload(test, Key, KeyWidth, 16);
        using var value = Upload(test, Value, KeyWidth, 24);
        using var output = Upload(test, Untouched(QueryCount * QueryWidth), QueryWidth, 32);
        // A row of statistics is longer than there are queries, as where a buffer is made for the most tokens.
        var statisticsStride = QueryCount + 3;
        using var logSumExp = test.AllocatePoisoned(DataType.Float32, Shape.HeadCount * statisticsStride);
        using var ranges = test.Upload([.. some.SelectMany(range => (int[])[range.QueryStart, range.QueryCount, range.KeyStart, range.KeyCount])]);
        test.Backend.AttentionForward(
            View(query, QueryCount, QueryWidth), View(key, KeyCount, KeyWidth), View(value, KeyCount, KeyWidth),
            View(output, QueryCount, QueryWidth), logSumExp.AsMatrix(Shape.HeadCount, statisticsStride),
            new AttentionRanges(ranges.AsVector(), some), Shape);
        var statistics = new float[logSumExp.Length];
        test.Backend.Download(logSumExp.AsVector(), statistics);
        Assert.That(statistics.Chunk(statisticsStride).SelectMany(row => row[QueryCount..]), Is.All.NaN, "beside the statistics");
        return (Rows(test, output, QueryCount, QueryWidth), [.. statistics.Chunk(statisticsStride).SelectMany(row => row[..QueryCount])]);
    }

    /// <summary>Heads, with the usual scale.</summary>
    public static AttentionShape ShapeOf(int heads, int keyValueHeads, int headDimension) =>
        new(heads, keyValueHeads, headDimension, (float)(1 / Math.Sqrt(headDimension)));

    /// <summary>Fails where an output is further from fp64 than its bound, or was written outside of the ranges.</summary>
    public void Check((ushort[] Output, float[] LogSumExp) actual)
    {
        var reference = new AttentionReference(Query, Key, Value, Ranges, Shape);
        CheckRows("output", actual.Output, reference.Output, reference.OutputBound);
        for (var i = 0; i < actual.LogSumExp.Length; i++)
        {
            // fp32 sums of at most some hundred terms, of scores below 100: 1e-5 of the score at the very most.
            var expected = reference.LogSumExp[i];
            if (double.IsNaN(expected) ? !float.IsNaN(actual.LogSumExp[i]) : !(Math.Abs(actual.LogSumExp[i] - expected) <= 1e-5 * Math.Max(1, Math.Abs(expected))))
                Assert.Fail($"logSumExp[{i / QueryCount}, {i % QueryCount}] is {actual.LogSumExp[i]}, not {expected}");
        }
    }

    /// <summary>Runs forward and backward in the present order; the gradients' rows outside of ranges must be as they were.</summary>
    public AttentionBackwardResult Backward(CudaBackendFixture test)
    {
        var (outputBits, statistics) = Forward(test);
        using var query = Upload(test, Query, QueryWidth, 8);
        using var key = Upload(test, Key, KeyWidth, 16);
        using var value = Upload(test, Value, KeyWidth, 24);
        using var output = Upload(test, [.. outputBits.Select(BFloat16Reference.FromBits)], QueryWidth, 32);
        using var outputGradient = Upload(test, OutputGradient, QueryWidth, 40);
        using var queryGradient = Upload(test, Untouched(Query.Length), QueryWidth, 48);
        using var keyGradient = Upload(test, Untouched(Key.Length), KeyWidth, 56);
        using var valueGradient = Upload(test, Untouched(Value.Length), KeyWidth, 64);
        var statisticsStride = QueryCount + 5;
        using var logSumExp = test.Upload(
            [.. statistics.Select(number => (double)number).Chunk(QueryCount).SelectMany(row => row.Concat(Untouched(statisticsStride - QueryCount)))],
            DataType.Float32);
        test.Backend.AttentionBackward(
            View(outputGradient, QueryCount, QueryWidth), View(query, QueryCount, QueryWidth), View(key, KeyCount, KeyWidth),
            View(value, KeyCount, KeyWidth), View(output, QueryCount, QueryWidth), logSumExp.AsMatrix(Shape.HeadCount, statisticsStride),
            View(queryGradient, QueryCount, QueryWidth), View(keyGradient, KeyCount, KeyWidth), View(valueGradient, KeyCount, KeyWidth),
            new AttentionRanges(default, Ranges), Shape);
        return new AttentionBackwardResult(
            outputBits, Rows(test, queryGradient, QueryCount, QueryWidth), Rows(test, keyGradient, KeyCount, KeyWidth),
            Rows(test, valueGradient, KeyCount, KeyWidth));
    }

    /// <summary>Fails where a gradient is further from fp64 than its bound, or was written outside of the ranges.</summary>
    public void Check(AttentionBackwardResult actual)
    {
        var expected = new AttentionReference(Query, Key, Value, Ranges, Shape).Backward(
            OutputGradient, [.. actual.Output.Select(BFloat16Reference.FromBits)], Query, Key, Value, Ranges);
        CheckRows("queryGradient", actual.QueryGradient, expected.Query.Values, expected.Query.Bounds);
        CheckRows("keyGradient", actual.KeyGradient, expected.Key.Values, expected.Key.Bounds);
        CheckRows("valueGradient", actual.ValueGradient, expected.Value.Values, expected.Value.Bounds);
    }

    private static void CheckRows(string name, ushort[] actual, double[] expected, double[] bound)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (var i = 0; i < actual.Length; i++)
        {
            if (double.IsNaN(expected[i]) ? actual[i] != BetweenRows : !(Math.Abs(BFloat16Reference.FromBits(actual[i]) - expected[i]) <= bound[i]))
                Assert.Fail($"{name}[{i}] is {BFloat16Reference.FromBits(actual[i])}, not {expected[i]} ± {bound[i]}");
        }
    }

    private static bool[] Covered(int count, IEnumerable<(int Start, int Count)> parts)
    {
        var covered = new bool[count];
        foreach (var (start, length) in parts) covered.AsSpan(start, length).Fill(true);
        return covered;
    }

    private static double[] Untouched(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double[] Operand(int seed, bool[] covered, int width)
    {
        var values = CudaBackendFixture.Normal(seed, covered.Length * width);
        for (var i = 0; i < values.Length; i++)
        {
            if (!covered[i / width]) values[i] = double.NaN;
        }

        return values;
    }

    private static DeviceBuffer Upload(CudaBackendFixture test, double[] values, int columns, int padding)
    {
        var between = Enumerable.Repeat(BetweenRows, padding).ToArray();
        ushort[] rows =
        [
            .. values.Select(value => double.IsNaN(value) ? BetweenRows : BFloat16Reference.ToBits(value)).Chunk(columns).SelectMany(row => row.Concat(between)),
        ];
        var buffer = test.Backend.Allocate(DataType.BFloat16, rows.Length, MemoryCategory.Activations, "operand");
        test.Backend.Upload<ushort>(rows, buffer.AsVector());
        return buffer;
    }

    private static Matrix View(DeviceBuffer buffer, int rows, int columns) => new(buffer, 0, rows, columns, (int)buffer.Length / rows);

    private static ushort[] Rows(CudaBackendFixture test, DeviceBuffer buffer, int rows, int columns)
    {
        var all = new ushort[buffer.Length];
        test.Backend.Download(buffer.AsVector(), all);
        var stride = all.Length / rows;
        Assert.That(all.Chunk(stride).SelectMany(row => row[columns..]), Is.All.EqualTo(BetweenRows), "between the rows");
        return [.. all.Chunk(stride).SelectMany(row => row[..columns])];
    }
}
