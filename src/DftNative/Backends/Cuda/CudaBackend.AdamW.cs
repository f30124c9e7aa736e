using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/adamw.cu.</content>
public sealed partial class CudaBackend
{
    private const int AdamWThreads = 256;

    /// <summary>Elements a thread updates, and the elements that share a random number.</summary>
    private const int AdamWGroup = 8;

    /// <inheritdoc cref="IBackend.AdamWStep"/>
    /// <remarks>
    /// The types choose the precision mode: "exact" is bf16 parameters with MasterLow and fp32 gradients and moments,
    /// "lean" the same with bf16 gradients and moments, "tiny" bf16 throughout without MasterLow. Views begin at multiples
    /// of 16 bytes and ArenaOffset is a multiple of 8, so that random numbers do not depend on how the arena is sliced.
    /// </remarks>
    public void AdamWStep(in AdamWArguments arguments)
    {
        var length = arguments.Parameters.Length;
        var stateType = arguments.Gradients.DataType;
        var kernel = (arguments.MasterLow.IsEmpty, stateType) switch
        {
            (false, DataType.Float32) => AdamWKernels.Exact,
            (false, DataType.BFloat16) => AdamWKernels.Lean,
            (true, DataType.BFloat16) => AdamWKernels.Tiny,
            _ => throw new ArgumentException(
                $"{stateType} gradients need a MasterLow: without one parameters, gradients and moments are BFloat16", nameof(arguments)),
        };
        CheckLength(arguments.Gradients, length);
        CheckLength(arguments.FirstMoment, length);
        CheckLength(arguments.SecondMoment, length);
        CheckLength(arguments.NormAndClip, 2);
        if (!arguments.MasterLow.IsEmpty) CheckLength(arguments.MasterLow, length);
        if (arguments.ArenaOffset % AdamWGroup != 0)
            throw new ArgumentException($"ArenaOffset {arguments.ArenaOffset} is not a multiple of {AdamWGroup}", nameof(arguments));
        if (length == 0) return;

        const int elementsPerBlock = AdamWThreads * AdamWGroup;
        kernels.Get(kernel).Launch(
            new LaunchConfiguration((int)((length + elementsPerBlock - 1) / elementsPerBlock), AdamWThreads, 0, stream),
            PacketPointer(arguments.Parameters, ComputeType),
            arguments.MasterLow.IsEmpty ? default(CUdeviceptr) : PacketPointer(arguments.MasterLow, DataType.Int16),
            PacketPointer(arguments.Gradients, stateType),
            PacketPointer(arguments.FirstMoment, stateType),
            PacketPointer(arguments.SecondMoment, stateType),
            Pointer(arguments.NormAndClip, DataType.Float32),
            length, AdamWCoefficients.Of(arguments), arguments.Seed, (uint)arguments.Step, arguments.ArenaOffset);
    }
}
