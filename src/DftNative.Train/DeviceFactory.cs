using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Train;

/// <summary>Opens the device that --device names; one that is not there is an error, never another device.</summary>
internal static class DeviceFactory
{
    /// <summary>Opens <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <param name="device">The option's value.</param>
    /// <param name="threads">Threads on the CPU; 0: one a core.</param>
    /// <param name="choice">What was chosen and why, for the user.</param>
    /// <param name="plans">How a GPU's matrix products are computed; null: as was kept.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: no such device name; <see cref="ExitCode.Device"/>: it is not there.</exception>
    public static IBackend Open(string device, int threads, out string choice, GemmPlans? plans = null)
    {
        switch (device)
        {
            case "auto":
                return OpenBest(threads, plans, out choice);
            case "cpu":
                var cpu = new CpuBackend(threads);
                choice = cpu.Description;
                return cpu;
            default:
                var cuda = new CudaBackend(ParseOrdinal(device, "auto, cpu, "), (plans ?? new GemmPlans()).Options);
                choice = cuda.IsEmulated ? $"{cuda.Description}: an imitation on the CPU for checks, whose speed says nothing" : cuda.Description;
                return cuda;
        }
    }

    /// <summary>The first GPU if it is a real one that can be used, else the CPU.</summary>
    private static IBackend OpenBest(int threads, GemmPlans? plans, out string choice)
    {
        string reason;
        try
        {
            var cuda = new CudaBackend(0, (plans ?? new GemmPlans()).Options);
            if (!cuda.IsEmulated)
            {
                choice = $"{cuda.Description} (auto: the first GPU)";
                return cuda;
            }

            reason = "the GPU here is emulated";
            cuda.Dispose();
        }
        catch (DftNativeException exception) when (exception.ExitCode == ExitCode.Device)
        {
            reason = exception.InnerException is CudaLibraryNotFoundException { IsDriver: true } ? "there is no NVIDIA driver" : exception.Message;
        }

        var cpu = new CpuBackend(threads);
        choice = $"{cpu.Description} (auto: {reason})";
        return cpu;
    }

    /// <summary>The number of <c>cuda</c> (0) or <c>cuda:N</c>.</summary>
    /// <param name="device">The option's value.</param>
    /// <param name="others">What else the option can be, for the message.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: it is neither.</exception>
    public static int ParseOrdinal(string device, string others = "")
    {
        const string prefix = "cuda:";
        if (device == "cuda") return 0;
        if (device.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)) return ordinal;
        throw new DftNativeException(ExitCode.Usage, $"device: '{device}' is not one of {others}cuda, cuda:N");
    }
}
