using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>
/// What tests of layer kernels share: rows further apart than wide, and guards on both sides of an operand, both NaN, so
/// that reading them spoils a result and writing them is seen.
/// </summary>
internal abstract class CudaLayerFixture : CudaBackendFixture
{
    /// <summary>The guards' bits in bf16; fp32 guards have all bits set.</summary>
    private const ushort Guard = 0xFFFF;

    /// <summary>Rows of numbers, each followed by a guard up to the stride.</summary>
    public DeviceBuffer UploadRows(double[] values, int columns, int stride, DataType dataType = DataType.BFloat16)
    {
        var padding = Enumerable.Repeat(double.NaN, stride - columns);
        return UploadWithGuards([.. values.Chunk(columns).SelectMany(row => row.Concat(padding))], dataType);
    }

    /// <summary>Poisoned rows, likewise.</summary>
    public DeviceBuffer PoisonedRows(int rows, int stride, DataType dataType = DataType.BFloat16) =>
        AllocatePoisoned(dataType, (long)rows * stride);

    /// <summary>The rows without what follows them, which must be as it was.</summary>
    public double[] DownloadRows(DeviceBuffer buffer, int columns, int stride)
    {
        var rows = Download(buffer.AsVector()).Chunk(stride).ToArray();
        Assert.That(rows.SelectMany(row => row[columns..]), Is.All.NaN, "between the rows");
        return [.. rows.SelectMany(row => row[..columns])];
    }

    /// <summary>Numbers with a guard of that many elements before and after.</summary>
    public DeviceBuffer UploadBetweenGuards(double[] values, int guard, DataType dataType = DataType.Float32)
    {
        var guards = Enumerable.Repeat(double.NaN, guard).ToArray();
        return UploadWithGuards([.. guards, .. values, .. guards], dataType);
    }

    /// <summary>The numbers between the guards, which must be as they were.</summary>
    public double[] DownloadBetweenGuards(DeviceBuffer buffer, int guard)
    {
        var values = Download(buffer.AsVector());
        Assert.That(values[..guard].Concat(values[^guard..]), Is.All.NaN, "beside the values");
        return values[guard..^guard];
    }

    /// <summary>After the first launches, further ones allocate no managed memory.</summary>
    public void AssertAllocatesNothing(Action launch)
    {
        launch();
        Backend.Synchronize();
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 20; i++) launch();
            Backend.Synchronize();
        });
    }

    /// <summary>
    /// Results that an operation rounds to bf16 once, from fp32: nearly all are the bf16 nearest to the exact value. Where
    /// an error of fp32 tips the rounding, the result still lies within 2^-8 of the value and that error.
    /// </summary>
    /// <param name="actual">The results.</param>
    /// <param name="expected">The exact values.</param>
    /// <param name="errors">For each the largest error of its fp32 arithmetic.</param>
    public static void AssertRounded(double[] actual, double[] expected, double[] errors)
    {
        Assert.That((actual.Length, errors.Length), Is.EqualTo((expected.Length, expected.Length)));
        var equal = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (actual[i] == BFloat16Reference.Round(expected[i]))
                equal++;
            else if (!(Math.Abs(actual[i] - expected[i]) <= Math.ScaleB(Math.Abs(expected[i]), -8) + errors[i]))
                Assert.Fail($"element {i} is {actual[i]}, not {expected[i]}");
        }

        Assert.That(equal, Is.GreaterThanOrEqualTo(0.99 * actual.Length), "equal to the last bit");
    }

    /// <summary>The same bits, told apart from NaN by NaN.</summary>
    public static void AssertSameBits(IEnumerable<double> actual, IEnumerable<double> expected) => Assert.That(
        actual.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(expected.Select(BitConverter.DoubleToInt64Bits)));

    private DeviceBuffer UploadWithGuards(double[] values, DataType dataType)
    {
        var buffer = Backend.Allocate(dataType, values.Length, MemoryCategory.Activations, "operand");
        if (dataType == DataType.BFloat16)
        {
            Backend.Upload<ushort>(
                [.. values.Select(value => double.IsNaN(value) ? Guard : BFloat16Reference.ToBits(BFloat16Reference.Round(value)))],
                buffer.AsVector());
        }
        else
        {
            Backend.Upload<float>(
                [.. values.Select(value => double.IsNaN(value) ? BitConverter.UInt32BitsToSingle(uint.MaxValue) : (float)value)],
                buffer.AsVector());
        }

        return buffer;
    }
}
