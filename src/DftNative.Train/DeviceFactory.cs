using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Train;

/// <summary>Opens the device that --device names; one that is not there is an error, never another device.</summary>
internal static class DeviceFactory
{
    /// <summary>Opens <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <param name="device">The option's value.</param>
    /// <param name="threads">Threads on the CPU; 0: one a core.</param>
    /// <param name="choice">What was chosen and why, for the user.</param>
    public static IBackend Open(string device, int threads, out string choice)
    {
        if (IsCuda(device)) throw new DftNativeException(ExitCode.Device, $"device {device}: the CUDA backend is not complete yet; use --device cpu");
        if (device is not ("auto" or "cpu")) throw new DftNativeException(ExitCode.Usage, $"device: '{device}' is not one of auto, cpu, cuda, cuda:N");
        var backend = new CpuBackend(threads);
        choice = device == "auto" ? $"{backend.Description} (auto: the CPU is the only complete backend)" : backend.Description;
        return backend;
    }

    private static bool IsCuda(string device) =>
        device == "cuda"
        || (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
