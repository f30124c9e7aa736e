using DftNative.Backends;

namespace DftNative.Optimizers;

/// <summary>How many bits a bf16 device keeps of each parameter while it trains. Forward and backward are the same in all: bf16 with fp32 sums.</summary>
public enum Precision
{
    /// <summary>16 bytes a parameter: the weights are an exact fp32, gradients and moments are fp32.</summary>
    Exact,

    /// <summary>10 bytes: the weights are an exact fp32; gradients and moments are bf16, rounded stochastically.</summary>
    Lean,

    /// <summary>8 bytes: weights, gradients and moments are bf16, rounded stochastically.</summary>
    Tiny,
}

/// <summary>Facts about <see cref="Precision"/>.</summary>
public static class PrecisionExtensions
{
    /// <summary>The type of gradients and of moments.</summary>
    public static DataType StateType(this Precision precision) => precision == Precision.Exact ? DataType.Float32 : DataType.BFloat16;

    /// <summary>Whether bf16 weights are completed to an exact fp32.</summary>
    public static bool HasMaster(this Precision precision) => precision != Precision.Tiny;

    /// <summary>The name in options and messages.</summary>
    public static string Name(this Precision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>Checks that a device has the mode.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: it computes in fp32, which has nothing to leave out.</exception>
    public static void Require(this Precision precision, IBackend backend)
    {
        if (precision == Precision.Exact || backend.ComputeType == DataType.BFloat16) return;
        throw new DftNativeException(
            ExitCode.Usage, $"precision {precision.Name()} needs a GPU: this device computes in {backend.ComputeType.Name()}, weights, gradients and moments alike; leave it out or name a GPU with --device");
    }
}
