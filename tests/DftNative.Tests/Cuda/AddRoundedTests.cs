using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// What is added to bf16 gradients, by kernels/add_rounded.cu, column_sum.cu and embedding_backward.cu: to the bit what
/// fp32 sums and the random bits of <see cref="CounterRandom"/> make of it. Operands are small integers, whose sums are exact.
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed class AddRoundedTests : CudaLayerFixture
{
    private static readonly GradientRounding Rounding = new(0x1234_5678_9ABC_DEF0, 7, 3);

    [TearDown]
    public void RestoreSlices() => Backend.WeightGradientSliceSizeInBytes = 256L << 20;

    /// <summary>A block has 256 groups of eight; the gradients lie between elements that nobody may touch.</summary>
    [Test]
    public void SumsAreAddedAndRounded([Values(8, 16, 2040, 2048, 2056, 5000)] int length, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var (sums, before) = (Normal(1, length).Select(value => (double)(float)(value / 3)).ToArray(), Normal(2, length, 100));
        using var addends = Upload(sums, DataType.Float32);
        using var gradients = UploadBetweenGuards(before, 8, DataType.BFloat16);
        Backend.AddRounded(addends.AsVector(), gradients.AsVector().Slice(8, length), RandomCounter.Of(Rounding, 5, 64));
        Assert.That(DownloadBetweenGuards(gradients, 8), Is.EqualTo(before.Select((value, i) => RoundedAddition.Of((float)value + (float)sums[i], Rounding, 5, 64 + i))));
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int length = 2056;
        using var sums = Upload(Normal(1, length), DataType.Float32);
        using var gradients = Upload(Normal(2, length));
        CudaEmulator.ResetCounters();
        Backend.AddRounded(sums.AsVector(), gradients.AsVector(), default);
        Backend.Synchronize();
        var counted = CudaEmulator.CountersOf("add_rounded");
        Assert.Multiple(() =>
        {
            Assert.That((counted.Launches, counted.Blocks, counted.Threads), Is.EqualTo((1, 2, 512)));
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(length * 6));
            Assert.That(counted.BytesReadReused, Is.Zero);
            Assert.That(counted.BytesWritten, Is.EqualTo(length * 2));
        });
    }

    /// <summary>Each product is an addition of its own, and an element's bits do not depend on the slices of rows.</summary>
    [Test]
    public void AWeightsGradientIsRoundedOnceAnAddition([Values(1, 40 * 4 * 3, 1 << 20)] long sliceSize)
    {
        const int tokens = 300, inputs = 40, outputs = 21, offset = 48;
        double[] dy = Integers(1, tokens * outputs), x = Integers(2, tokens * inputs), before = Integers(3, outputs * inputs);
        using var outputGradient = UploadRows(dy, outputs, 24);
        using var input = Upload(x);
        using var weight = Upload(new double[outputs * inputs]);
        using var inputGradient = AllocatePoisoned(DataType.BFloat16, tokens * inputs);
        using var gradients = UploadBetweenGuards(before, offset, DataType.BFloat16);
        Backend.WeightGradientSliceSizeInBytes = sliceSize;
        Backend.BeginPass(Rounding);
        for (var i = 0; i < 2; i++)
        {
            Backend.LinearBackward(
                new Matrix(outputGradient, 0, tokens, outputs, 24), input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs),
                inputGradient.AsMatrix(tokens, inputs), gradients.AsVector().Slice(offset, outputs * inputs).AsMatrix(outputs, inputs), default);
        }

        var expected = before;
        for (var addition = 0; addition < 2; addition++)
        {
            expected = [.. expected.Select((value, i) => RoundedAddition.Of(
                (float)value + (float)Enumerable.Range(0, tokens).Sum(t => dy[(t * outputs) + (i / inputs)] * x[(t * inputs) + (i % inputs)]),
                Rounding, addition, offset + i))];
        }

        Assert.That(DownloadBetweenGuards(gradients, offset), Is.EqualTo(expected));
    }

    [Test]
    public void ColumnSumsAreRounded([Values(8, 40, 264)] int columns, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        const int rows = 200;
        CudaEmulator.SetOrder(order);
        double[] values = Integers(1, rows * columns), before = [.. Integers(2, columns).Select(value => value / 64)];
        using var matrix = Upload(values);
        using var sums = UploadBetweenGuards(before, 8, DataType.BFloat16);
        CudaEmulator.ResetCounters();
        Backend.BeginPass(Rounding);
        Backend.AddColumnSums(matrix.AsMatrix(rows, columns), sums.AsVector().Slice(8, columns));
        Assert.That(DownloadBetweenGuards(sums, 8), Is.EqualTo(before.Select((value, c) => RoundedAddition.Of(
            (float)value + (float)Enumerable.Range(0, rows).Sum(t => values[(t * columns) + c]), Rounding, 0, 8 + c))));
        var finish = CudaEmulator.CountersOf("column_sum_finish");
        Assert.That((finish.BytesReadStreaming, finish.BytesWritten), Is.EqualTo(((4 * columns * 4L) + (columns * 2), columns * 2L)));
    }

    [Test]
    public void TheEmbeddingsGradientIsRounded([Values(8, 72, 1032)] int hidden, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        const int vocabulary = 9, offset = 16;
        CudaEmulator.SetOrder(order);
        int[] tokens = [0, 3, 8], starts = [0, 1, 3, 9], rows = [4, 0, 7, 1, 2, 3, 5, 6, 8];
        double[] dy = [.. Integers(1, rows.Length * hidden).Select(value => value / 32)], before = Integers(2, vocabulary * hidden);
        using var distinct = Upload(tokens);
        using var rowStarts = Upload(starts);
        using var rowIndices = Upload(rows);
        using var outputGradient = Upload(dy);
        using var table = UploadBetweenGuards(before, offset, DataType.BFloat16);
        CudaEmulator.ResetCounters();
        Backend.BeginPass(Rounding);
        Backend.EmbeddingBackward(
            distinct.AsVector(), rowStarts.AsVector(), rowIndices.AsVector(), outputGradient.AsMatrix(rows.Length, hidden),
            table.AsVector().Slice(offset, vocabulary * hidden).AsMatrix(vocabulary, hidden));
        double[] expected = [.. before];
        for (var d = 0; d < tokens.Length; d++)
        {
            for (var c = 0; c < hidden; c++)
            {
                var i = (tokens[d] * hidden) + c;
                var sum = before[i] + rows[starts[d]..starts[d + 1]].Sum(row => dy[(row * hidden) + c]);
                expected[i] = RoundedAddition.Of((float)sum, Rounding, 0, offset + i);
            }
        }

        Assert.That(DownloadBetweenGuards(table, offset), Is.EqualTo(expected));
        var counted = CudaEmulator.CountersOf("embedding_backward");
        Assert.That(counted.BytesReadStreaming, Is.EqualTo((rows.Length * hidden * 2) + (tokens.Length * hidden * 2)));
        Assert.That(counted.BytesWritten, Is.EqualTo(tokens.Length * hidden * 2));
    }

    /// <summary>Two coordinates never share a counter, nor does one with a stream of AdamW's (1 to 3 above the step).</summary>
    [Test]
    public void CountersAreAllDifferent()
    {
        var seen = new HashSet<(ulong, ulong)>();
        foreach (var step in (int[])[0, 1, 2, 3, int.MaxValue])
        {
            for (var stream = 1ul; stream <= 3; stream++) Assert.That(seen.Add((0, (stream << 32) | (uint)step)));
            foreach (var pass in (int[])[0, 1, 2, 3, int.MaxValue])
            {
                foreach (var addition in (int[])[0, 1, 2, RandomCounter.AdditionCount - 1])
                {
                    foreach (var element in (long[])[0, 8, 16, (1L << 43) - 8])
                    {
                        var counter = RandomCounter.Of(new GradientRounding(1, step, pass), addition, element);
                        Assert.That(seen.Add((counter.Low, counter.High)), $"{step} {pass} {addition} {element}");
                    }
                }
            }
        }
    }

    /// <summary>
    /// Additions of every fraction of a bf16 step from 1, in different steps, passes and additions and two tensors. Sums of n
    /// independent errors are within five standard deviations; were the bits those of another step, pass or addition, the
    /// products of their errors would add up.
    /// </summary>
    [Test]
    public void RoundingIsUnbiasedAndIndependent()
    {
        const int length = 2048;
        double[] fractions = [.. Enumerable.Range(0, length).Select(i => ((i * 37 % length) + 0.5) / length)];
        using var sums = Upload([.. fractions.Select(fraction => fraction / 128)], DataType.Float32);
        var errors = new List<double[]>();
        foreach (var (step, pass, addition, tensor) in (from step in (int[])[1, 2, 3] from pass in (int[])[0, 1] from addition in (int[])[0, 1] from tensor in (int[])[0, 1] select (step, pass, addition, tensor)))
            errors.Add(Errors(step, pass, addition, tensor));

        Assert.That(errors[0], Is.EqualTo(Errors(1, 0, 0, 0)), "the same coordinates are the same bits");
        AssertNone(errors.SelectMany(each => each), "the mean");
        for (var a = 0; a < errors.Count; a++)
        {
            foreach (var lag in (int[])[1, 2, 4, 8]) AssertNone(errors[a].Zip(errors[a].Skip(lag), (x, y) => x * y), $"lag {lag}");
            for (var b = 0; b < a; b++) AssertNone(errors[a].Zip(errors[b], (x, y) => x * y), $"{a} and {b}");
        }

        // In bf16 steps: 1 - f with probability f, else -f.
        double[] Errors(int step, int pass, int addition, int tensor)
        {
            using var gradients = Upload([.. Enumerable.Repeat(1.0, length)]);
            Backend.AddRounded(sums.AsVector(), gradients.AsVector(), RandomCounter.Of(new GradientRounding(1, step, pass), addition, (long)tensor * length));
            return [.. Download(gradients.AsVector()).Select((value, i) => ((value - 1) * 128) - fractions[i])];
        }

        static void AssertNone(IEnumerable<double> values, string what)
        {
            var all = values.ToArray();
            Assert.That(Math.Abs(all.Sum()), Is.InRange(0, 5 * Math.Sqrt(all.Sum(value => value * value))), what);
        }
    }

    /// <summary>Additions of 1e-5 to 1, a 780th of a bf16 step: 200 of them are 2e-3 in the mean, with a deviation of 6e-5 over 4096.</summary>
    [Test]
    public void SmallAdditionsAddUp()
    {
        const int length = 4096, count = 200;
        using var sums = Upload([.. Enumerable.Repeat(1e-5, length)], DataType.Float32);
        using var gradients = Upload([.. Enumerable.Repeat(1.0, length)]);
        for (var pass = 0; pass < count; pass++)
            Backend.AddRounded(sums.AsVector(), gradients.AsVector(), RandomCounter.Of(new GradientRounding(1, 1, pass), 0, 0));
        Assert.That(Download(gradients.AsVector()).Average() - 1, Is.EqualTo(count * 1e-5).Within(3e-4));
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var values = Upload(new double[256]);
        using var fp32 = Upload(new double[256], DataType.Float32);
        var matrix = values.AsMatrix(4, 16);
        Assert.Multiple(() =>
        {
            Assert.That(() => Backend.AddRounded(fp32.AsVector().Slice(0, 8), values.AsVector(), default), Throws.ArgumentException.With.Message.Contains("must have 256"));
            Assert.That(
                () => Backend.LinearBackward(matrix, matrix, values.AsMatrix(16, 16), values.AsMatrix(4, 16), new Matrix(values, 0, 8, 16, 24), default),
                Throws.ArgumentException.With.Message.Contains("weightGradient"));
            Assert.That(() => Backend.BeginPass(new GradientRounding(0, -1, 0)), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Backend.BeginPass(new GradientRounding(0, 0, -1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var sums = Upload(new double[64], DataType.Float32);
        using var gradients = Upload(new double[64]);
        AssertAllocatesNothing(() => Backend.AddRounded(sums.AsVector(), gradients.AsVector(), default));
    }

    private static double[] Integers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-9, 10))];
    }
}
