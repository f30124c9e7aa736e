using DftNative.Backends;

namespace DftNative.Bench.Kernels;

/// <summary>The operands of one case; they go with it.</summary>
internal sealed class OperandArena(IBackend backend) : IDisposable
{
    /// <summary>A prime, so that no row's length divides it and rows differ.</summary>
    private const int NormalCount = 1048573;

    private static readonly Lazy<float[]> Normals = new(() => Normal(NormalCount));

    private readonly List<DeviceBuffer> buffers = [];
    private int drawn;

    /// <summary>The device.</summary>
    public IBackend Backend => backend;

    /// <summary>The type of weights and activations.</summary>
    public DataType ComputeType => backend.ComputeType;

    /// <summary>Normal random numbers, rounded to the type.</summary>
    public Operand Random(DataType dataType, long length, double scale = 1, double mean = 0)
    {
        var normals = Normals.Value;
        // Another part of the numbers for every operand.
        var offset = (int)((++drawn * 99991L) % NormalCount);
        var count = (int)Math.Min(length, NormalCount);
        var pattern = new float[count];
        for (var i = 0; i < count; i++) pattern[i] = Round(dataType, (float)(mean + (scale * normals[(i + offset) % NormalCount])));
        return Add(dataType, length, pattern);
    }

    /// <summary>Normal random numbers of compute type.</summary>
    public Operand Random(long length, double scale = 1, double mean = 0) => Random(ComputeType, length, scale, mean);

    /// <summary>The given numbers, repeated.</summary>
    public Operand Of(DataType dataType, long length, IEnumerable<float> pattern) => Add(dataType, length, [.. pattern.Select(value => Round(dataType, value))]);

    /// <summary>int32 below 2^24.</summary>
    public Operand Of(int[] values) => Add(DataType.Int32, values.Length, [.. values.Select(value => (float)value)]);

    /// <summary>An output, poisoned.</summary>
    public Operand Output(DataType dataType, long length) => Add(dataType, length, null);

    /// <summary>An output of compute type, poisoned.</summary>
    public Operand Output(long length) => Output(ComputeType, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private static float Round(DataType dataType, float value) => dataType == DataType.BFloat16 ? (float)(BFloat16)value : value;

    private static float[] Normal(int count)
    {
        var random = new Random(1);
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    private Operand Add(DataType dataType, long length, float[]? pattern)
    {
        var buffer = backend.Allocate(dataType, length, MemoryCategory.Activations, "operand");
        buffers.Add(buffer);
        return new Operand(backend, buffer, pattern);
    }
}
