using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// Tests of kernels through <see cref="CudaBackend"/>: a backend for the fixture, operands from fp64 numbers and back, and
/// the assertion that nothing leaked. The same tests run on a GPU: category Gpu, with DFTNATIVE_REQUIRE_GPU=1.
/// </summary>
[Category("Gpu")]
internal abstract class CudaBackendFixture
{
    /// <summary>The device.</summary>
    public CudaBackend Backend { get; private set; } = null!;

    [OneTimeSetUp]
    public void OpenBackend()
    {
        KernelDevice.Require();
        Backend = new CudaBackend();
    }

    [OneTimeTearDown]
    public void CloseBackend()
    {
        Backend?.Dispose();
        Assert.That((CudaResources.Total, CudaResources.AllocatedBytes), Is.EqualTo((0, 0L)), "nothing leaks");
    }

    [TearDown]
    public void RestoreOrder() => CudaEmulator.SetOrder(0);

    /// <summary>Numbers as fp32 or bf16 (they are bf16 already, or are rounded to nearest).</summary>
    public DeviceBuffer Upload(double[] values, DataType dataType = DataType.BFloat16)
    {
        var buffer = Backend.Allocate(dataType, values.Length, MemoryCategory.Activations, "operand");
        if (dataType == DataType.BFloat16)
            Backend.Upload<ushort>([.. values.Select(value => BFloat16Reference.ToBits(BFloat16Reference.Round(value)))], buffer.AsVector());
        else
            Backend.Upload<float>([.. values.Select(value => (float)value)], buffer.AsVector());
        return buffer;
    }

    /// <summary>Numbers as int32.</summary>
    public DeviceBuffer Upload(int[] values)
    {
        var buffer = Backend.Allocate(DataType.Int32, values.Length, MemoryCategory.Activations, "operand");
        Backend.Upload<int>(values, buffer.AsVector());
        return buffer;
    }

    /// <summary>A buffer whose bytes are all 0xFF, NaN in every floating type: what an operation leaves unwritten shows.</summary>
    public DeviceBuffer AllocatePoisoned(DataType dataType, long length)
    {
        var buffer = Backend.Allocate(dataType, length, MemoryCategory.Activations, "result");
        var poison = new byte[length * dataType.SizeInBytes()];
        Array.Fill(poison, (byte)0xFF);
        switch (dataType.SizeInBytes())
        {
            case 2: Backend.Upload<ushort>(MemoryMarshal.Cast<byte, ushort>(poison), buffer.AsVector()); break;
            case 4: Backend.Upload<uint>(MemoryMarshal.Cast<byte, uint>(poison), buffer.AsVector()); break;
            default: Backend.Upload<ulong>(MemoryMarshal.Cast<byte, ulong>(poison), buffer.AsVector()); break;
        }

        return buffer;
    }

    /// <summary>The values of an fp32, bf16 or fp64 view.</summary>
    public double[] Download(Vector view)
    {
        switch (view.DataType)
        {
            case DataType.BFloat16:
                var bits = new ushort[view.Length];
                Backend.Download(view, bits);
                return [.. bits.Select(BFloat16Reference.FromBits)];
            case DataType.Float32:
                var floats = new float[view.Length];
                Backend.Download(view, floats);
                return [.. floats.Select(value => (double)value)];
            default:
                var doubles = new double[view.Length];
                Backend.Download(view, doubles);
                return doubles;
        }
    }

    /// <summary>Normal random numbers, each rounded to bf16 so that the device sees the same values.</summary>
    public static double[] Normal(int seed, int count, double scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => BFloat16Reference.Round(scale * BoxMuller()))];

        double BoxMuller() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>‖actual − expected‖ / ‖expected‖; NaN counts as infinite.</summary>
    public static double RelativeError(IReadOnlyList<double> actual, IReadOnlyList<double> expected)
    {
        Assert.That(actual, Has.Count.EqualTo(expected.Count));
        var (error, norm) = (0.0, 0.0);
        for (var i = 0; i < actual.Count; i++)
        {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        var relative = norm == 0 ? Math.Sqrt(error) : Math.Sqrt(error / norm);
        return double.IsNaN(relative) ? double.PositiveInfinity : relative;
    }
}
