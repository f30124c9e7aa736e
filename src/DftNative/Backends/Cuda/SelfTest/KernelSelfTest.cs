using DftNative.Cuda;

namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// Runs every wrapper of a PTX instruction on a device, against vectors that were derived from the PTX manual alone. What
/// passes on the emulator and here closes the one gap of testing without a GPU: a wrapper and its C++ twin wrong alike.
/// </summary>
public static class KernelSelfTest
{
    private const int WarpSize = 32;

    /// <summary>Every launch, with what must come out.</summary>
    internal static IReadOnlyList<SelfTestLaunch> Launches { get; } =
    [
        MmaVectors.Launch, LoadMatrixVectors.Launch, WarpReductionVectors.Launch, Exp2Vectors.Launch, BFloat16Vectors.Launch,
        StreamingLoadVectors.Launch, AsyncCopyVectors.Elements, AsyncCopyVectors.Packets,
    ];

    /// <summary>Runs everything.</summary>
    /// <param name="deviceOrdinal">The device's number, from 0.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Device"/>: the device or a library of CUDA is missing or cannot be used.</exception>
    public static SelfTestReport Run(int deviceOrdinal) => Run(deviceOrdinal, Launches);

    /// <summary>Runs these launches, likewise.</summary>
    internal static SelfTestReport Run(int deviceOrdinal, IReadOnlyList<SelfTestLaunch> launches)
    {
        try
        {
            using var context = new CudaContext(deviceOrdinal);
            CudaInstallation.Require(context);
            using var stream = new CudaStream(context);
            using var kernels = new KernelLibrary(context);
            return new SelfTestReport(
                $"{context.DeviceName}, {KernelLibrary.ArchitectureOf(context.ComputeCapability)}, NVRTC {CudaRuntimeCompiler.Version}",
                context.IsEmulated,
                RunAll(launches, context, stream, kernels));
        }
        catch (CudaException exception)
        {
            throw new DftNativeException(ExitCode.Device, exception.Message, exception);
        }
    }

    /// <summary>The output's words; those that the kernel leaves out stay as no wrapper makes them.</summary>
    internal static uint[] Execute(SelfTestLaunch launch, CudaContext context, CudaStream stream, CudaKernel kernel)
    {
        var words = new uint[launch.OutputLength];
        Array.Fill(words, 0xFFFF_FFFF);
        using var input = new CudaDeviceVariable<uint>(context, launch.Input.Length);
        using var output = new CudaDeviceVariable<uint>(context, words.Length);
        input.CopyToDevice(launch.Input, 0, stream);
        output.CopyToDevice(words, 0, stream);
        kernel.Launch(
            new LaunchConfiguration(1, WarpSize, launch.SharedMemoryInBytes, stream),
            input.DevicePointer, output.DevicePointer, launch.Input.Length, words.Length);
        output.CopyToHost(words, 0, stream);
        return words;
    }

    /// <summary>A kernel that does not compile, or faults, fails its checks; the others are still tried as far as the device lives.</summary>
    private static List<SelfTestResult> RunAll(
        IReadOnlyList<SelfTestLaunch> launches, CudaContext context, CudaStream stream, KernelLibrary kernels)
    {
        List<SelfTestResult> results = [];
        string? fault = null;
        foreach (var launch in launches)
        {
            try
            {
                results.AddRange(fault is null ? launch.Judge(Execute(launch, context, stream, kernels.Get(launch.Kernel))) : launch.Fail(fault));
            }
            catch (CudaException exception)
            {
                results.AddRange(launch.Fail(exception.Message));
                if (exception.IsContextLost) fault = $"not run: {launch.Kernel.EntryPoint} faulted before";
            }
        }

        return results;
    }
}
