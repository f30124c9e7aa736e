using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/move_rows.cu through the bindings; what it moves is exact.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class RowsTests : CudaLayerFixture
{
    /// <summary>In packets: bf16, and fp32 of whole packets. In words: other fp32.</summary>
    [Test]
    public void GathersAndScatters(
        [Values(8, 72, 1000)] int columns,
        [Values(1, 40)] int count,
        [Values] bool scatter,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        Check(DataType.BFloat16, columns, count, scatter, gap: 8);
        Check(DataType.Float32, columns, count, scatter, gap: 4);
        Check(DataType.Float32, columns, count, scatter, gap: 2);
        Check(DataType.Float32, columns + 3, count, scatter, gap: 1);
    }

    [Test]
    public void AnUnalignedBeginningIsMovedInWords([Values] bool scatter)
    {
        using var source = UploadBetweenGuards([.. Enumerable.Range(0, 12).Select(i => (double)i)], 2);
        using var rows = Upload([2, 0, 1]);
        using var destination = AllocatePoisoned(DataType.Float32, 12 + 8);
        Move(new Matrix(source, 2, 3, 4, 4), rows.AsVector(), new Matrix(destination, 4, 3, 4, 4), scatter);
        double[] expected = scatter ? [4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3] : [8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7];
        Assert.That(DownloadBetweenGuards(destination, 4), Is.EqualTo(expected));
    }

    [Test]
    public void IntegersAreMovedToo()
    {
        using var source = Upload([10, 11, 12, 13]);
        using var rows = Upload([3, 3, 0]);
        using var destination = Backend.Allocate(DataType.Int32, 3, MemoryCategory.Activations, "destination");
        Backend.GatherRows(source.AsMatrix(4, 1), rows.AsVector(), destination.AsMatrix(3, 1));
        var values = new int[3];
        Backend.Download(destination.AsVector(), values);
        Assert.That(values, Is.EqualTo(new[] { 13, 13, 10 }));
    }

    [TestCase(DataType.BFloat16, 1000, 125)]
    [TestCase(DataType.Float32, 100, 25)]
    [TestCase(DataType.Float32, 101, 101)]
    public void MovesTheBytesThatItsBannerClaims(DataType dataType, int columns, int unitsPerRow)
    {
        const int count = 40;
        CudaEmulator.ResetCounters();
        Check(dataType, columns, count, scatter: false, gap: 8);
        var counted = CudaEmulator.CountersOf("move_rows");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Threads, Is.EqualTo(((unitsPerRow * count) + 1023) / 1024 * 256));
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(count * columns * dataType.SizeInBytes()));
            Assert.That(counted.BytesReadReused, Is.EqualTo(count * unitsPerRow * 4));
            Assert.That(counted.BytesWritten, Is.EqualTo(count * columns * dataType.SizeInBytes()));
        });
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var rows = Backend.Allocate(DataType.Int32, 0, MemoryCategory.Activations, "rows");
        Backend.GatherRows(buffer.AsMatrix(1, 64), rows.AsVector(), new Matrix(buffer, 0, 0, 64, 64));
        Backend.ScatterRows(new Matrix(buffer, 0, 0, 64, 64), rows.AsVector(), buffer.AsMatrix(1, 64));
        Assert.That(Backend.Synchronize, Throws.Nothing);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 256, MemoryCategory.Activations, "floats");
        using var doubles = Backend.Allocate(DataType.Float64, 256, MemoryCategory.Activations, "doubles");
        using var indices = Backend.Allocate(DataType.Int32, 4, MemoryCategory.Activations, "rows");
        var (x, rows, odd) = (buffer.AsMatrix(4, 64), indices.AsVector(), new Matrix(buffer, 0, 4, 12, 16));
        Assert.Multiple(() =>
        {
            Rejects("rows has 3 elements and must have 4", x, rows.Slice(0, 3), x);
            Rejects("destination is [4, 32] and must be [4, 64]", x, rows, buffer.AsMatrix(4, 32));
            Rejects("source has 12 columns, not a multiple of 8", odd, rows, odd);
            Rejects("destination must be BFloat16", x, rows, floats.AsMatrix(4, 64));
            Rejects("rows of Float64 cannot be moved", doubles.AsMatrix(4, 64), rows, doubles.AsMatrix(4, 64));
            Rejects("rows must be Int32", x, floats.AsVector().Slice(0, 4), x);
        });

        void Rejects(string message, Matrix source, Vector rows, Matrix destination)
        {
            Assert.That(() => Backend.GatherRows(source, rows, destination), Throws.ArgumentException.With.Message.Contains(message));
            Assert.That(() => Backend.ScatterRows(source, rows, destination), Throws.ArgumentException.With.Message.Contains(message));
        }
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var source = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var destination = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "y");
        using var rows = Upload([3, 1, 2, 0]);
        AssertAllocatesNothing(() =>
        {
            Backend.GatherRows(source.AsMatrix(4, 64), rows.AsVector(), destination.AsMatrix(4, 64));
            Backend.ScatterRows(source.AsMatrix(4, 64), rows.AsVector(), destination.AsMatrix(4, 64));
        });
    }

    /// <summary>Between a matrix of <paramref name="count"/> rows and one of a few more, of which the last is always named.</summary>
    private void Check(DataType dataType, int columns, int count, bool scatter, int gap)
    {
        var named = count + 5;
        var random = new Random((columns * 101) + count);
        int[] indices = [.. Enumerable.Range(0, named - 1).OrderBy(_ => random.Next()).Take(count - 1), named - 1];
        var (sourceRows, destinationRows) = scatter ? (count, named) : (named, count);
        var (sourceStride, destinationStride) = (columns + gap, columns + (2 * gap));
        var values = Normal(columns + count, sourceRows * columns);
        using var source = UploadRows(values, columns, sourceStride, dataType);
        using var rows = Upload(indices);
        using var destination = PoisonedRows(destinationRows, destinationStride, dataType);
        Move(
            new Matrix(source, 0, sourceRows, columns, sourceStride), rows.AsVector(),
            new Matrix(destination, 0, destinationRows, columns, destinationStride), scatter);

        var expected = Enumerable.Repeat(double.NaN, destinationRows * columns).ToArray();
        for (var i = 0; i < count; i++)
        {
            var (from, to) = scatter ? (i, indices[i]) : (indices[i], i);
            Array.Copy(values, from * columns, expected, to * columns, columns);
        }

        Assert.That(DownloadRows(destination, columns, destinationStride), Is.EqualTo(expected));
    }

    private void Move(Matrix source, Vector rows, Matrix destination, bool scatter)
    {
        if (scatter)
            Backend.ScatterRows(source, rows, destination);
        else
            Backend.GatherRows(source, rows, destination);
    }
}
