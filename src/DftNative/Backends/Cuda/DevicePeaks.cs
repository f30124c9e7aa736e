using System.Collections.Frozen;

namespace DftNative.Backends.Cuda;

/// <summary>
/// Dense bf16 peaks with fp32 accumulation, by the names that the driver gives devices, from NVIDIA's datasheets (which
/// state most of them with sparsity, twice as high). A device that is not here has none: a guess would be a wrong utilisation.
/// </summary>
internal static class DevicePeaks
{
    private const double Tera = 1e12;
    private const double Hopper = 989.4, HopperPcie = 756, HopperNvl = 835, Ampere = 311.9;

    private static readonly FrozenDictionary<string, double> TeraFlops = new Dictionary<string, double>(StringComparer.Ordinal)
    {
        ["NVIDIA H100 80GB HBM3"] = Hopper,
        ["NVIDIA H100 PCIe"] = HopperPcie,
        ["NVIDIA H100 NVL"] = HopperNvl,
        ["NVIDIA H200"] = Hopper,
        ["NVIDIA H200 NVL"] = HopperNvl,
        ["NVIDIA GH200 480GB"] = Hopper,
        ["NVIDIA A100-SXM4-40GB"] = Ampere,
        ["NVIDIA A100-SXM4-80GB"] = Ampere,
        ["NVIDIA A100-PCIE-40GB"] = Ampere,
        ["NVIDIA A100 80GB PCIe"] = Ampere,
        ["NVIDIA A40"] = 149.7,
        ["NVIDIA A30"] = 165,
        ["NVIDIA L40S"] = 362,
        ["NVIDIA L40"] = 181,
        ["NVIDIA L4"] = 121,
        ["NVIDIA GeForce RTX 4090"] = 165.2,
        ["NVIDIA GeForce RTX 3090"] = 71,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Floating-point operations a second at best, or null.</summary>
    public static double? Find(string deviceName) => TeraFlops.TryGetValue(deviceName, out var peak) ? peak * Tera : null;
}
