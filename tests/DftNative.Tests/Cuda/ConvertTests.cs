using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/convert.cu through CudaBackend.Copy.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ConvertTests : CudaLayerFixture
{
    private const int Guard = 8;

    /// <summary>Less than a packet, whole ones, a tail, a block of 2048 elements and more; every result is exact.</summary>
    [Test]
    public void ConvertsToTheNearest(
        [Values(1, 7, 8, 9, 15, 2040, 2048, 2051, 4099)] int length, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var random = new Random(length);
        double[] values = [.. Enumerable.Range(0, length).Select(_ => (double)(float)((random.NextDouble() - 0.5) * Math.Exp(20 * random.NextDouble())))];
        var rounded = Copy(values, DataType.Float32, DataType.BFloat16);
        Assert.That(rounded, Is.EqualTo(values.Select(BFloat16Reference.Round)));
        Assert.That(Copy(rounded, DataType.BFloat16, DataType.Float32), Is.EqualTo(rounded));
    }

    [Test]
    public void TiesGoToTheEvenNeighbourAndNotANumberStays([Values(6, 8)] int length)
    {
        double[] values = [1 + Math.ScaleB(1, -8), 1 + Math.ScaleB(3, -8), double.PositiveInfinity, -0.0, -1e-40, 3e38];
        double[] expected = [1, 1 + Math.ScaleB(4, -8), double.PositiveInfinity, -0.0, (float)BFloat16Reference.Round((float)-1e-40), BFloat16Reference.Round((float)3e38)];
        double[] filled = [.. values, .. new double[length - values.Length]];
        AssertSameBits(Copy(filled, DataType.Float32, DataType.BFloat16)[..values.Length], expected);

        using var source = AllocatePoisoned(DataType.Float32, length);
        using var destination = Backend.Allocate(DataType.BFloat16, length, MemoryCategory.Activations, "destination");
        Backend.Copy(source.AsVector(), destination.AsVector());
        Assert.That(Download(destination.AsVector()), Is.All.NaN);
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int length = 2051;
        CudaEmulator.ResetCounters();
        Copy(Copy(new double[length], DataType.Float32, DataType.BFloat16), DataType.BFloat16, DataType.Float32);
        var narrowing = CudaEmulator.CountersOf("float_to_bfloat16");
        var widening = CudaEmulator.CountersOf("bfloat16_to_float");
        Assert.Multiple(() =>
        {
            Assert.That((narrowing.Launches, narrowing.Threads), Is.EqualTo((1, 2 * 256)));
            Assert.That((narrowing.BytesReadStreaming, narrowing.BytesReadReused, narrowing.BytesWritten), Is.EqualTo((length * 4, 0, length * 2)));
            Assert.That((widening.Launches, widening.Threads), Is.EqualTo((1, 2 * 256)));
            Assert.That((widening.BytesReadStreaming, widening.BytesReadReused, widening.BytesWritten), Is.EqualTo((length * 2, 0, length * 4)));
        });
    }

    [Test]
    public void NothingIsNoLaunch()
    {
        using var source = Backend.Allocate(DataType.Float32, 0, MemoryCategory.Activations, "source");
        using var destination = Backend.Allocate(DataType.BFloat16, 0, MemoryCategory.Activations, "destination");
        Backend.Copy(source.AsVector(), destination.AsVector());
        Assert.That(Backend.Synchronize, Throws.Nothing);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        using var halves = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "halves");
        using var integers = Backend.Allocate(DataType.Int32, 64, MemoryCategory.Activations, "integers");
        Assert.Multiple(() =>
        {
            Rejects("cannot copy 64 elements to 8", floats.AsVector(), halves.AsVector().Slice(0, 8));
            Rejects("cannot copy Int32 to BFloat16", integers.AsVector(), halves.AsVector());
            Rejects("source must begin at a multiple of 16 bytes", floats.AsVector().Slice(2, 8), halves.AsVector().Slice(0, 8));
            Rejects("destination must begin", floats.AsVector().Slice(0, 8), halves.AsVector().Slice(4, 8));
        });

        void Rejects(string message, Vector source, Vector destination) =>
            Assert.That(() => Backend.Copy(source, destination), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        using var halves = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "halves");
        AssertAllocatesNothing(() => Backend.Copy(floats.AsVector(), halves.AsVector()));
    }

    private double[] Copy(double[] values, DataType from, DataType to)
    {
        using var source = Upload(values, from);
        using var destination = AllocatePoisoned(to, values.Length + (2 * Guard));
        Backend.Copy(source.AsVector(), destination.AsVector().Slice(Guard, values.Length));
        return DownloadBetweenGuards(destination, Guard);
    }
}
