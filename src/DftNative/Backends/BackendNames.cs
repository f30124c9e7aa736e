using DftNative.Backends.Cpu;

namespace DftNative.Backends;

/// <summary>Names of devices that results are recorded with.</summary>
public static class BackendNames
{
    /// <summary>The device as far as it decides the rounding of results: any CPU, or a GPU's <see cref="IBackend.Description"/>.</summary>
    /// <param name="backend">The device.</param>
    public static string DeviceName(this IBackend backend) => backend is CpuBackend ? "cpu" : backend.Description;
}
