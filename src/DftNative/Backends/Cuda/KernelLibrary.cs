using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>The kernels of one device, each compiled for its architecture and loaded when it is first asked for.</summary>
internal sealed class KernelLibrary(CudaContext context) : IDisposable
{
    private readonly string architecture = ArchitectureOf(context.ComputeCapability);
    private readonly Dictionary<KernelVariant, CudaKernel> kernels = [];
    private readonly List<CudaModule> modules = [];

    /// <summary>The architecture that a device's code is compiled for: 9.0 has instructions that only "sm_90a" gives.</summary>
    public static string ArchitectureOf(Version computeCapability) =>
        $"sm_{computeCapability.Major}{computeCapability.Minor}{(computeCapability == new Version(9, 0) ? "a" : "")}";

    /// <summary>
    /// The options that every variant is compiled with. Sums and products are not contracted unless a kernel writes fmaf,
    /// so that the same text gives the same bits on every compiler.
    /// </summary>
    public static IReadOnlyList<string> Options(KernelVariant variant, string architecture) =>
        [$"--gpu-architecture={architecture}", "--std=c++20", "--fmad=false", .. variant.Defines.Select(define => "-D" + define)];

    /// <summary>The kernel of a variant; only the first call compiles.</summary>
    public CudaKernel Get(KernelVariant variant)
    {
        if (!kernels.TryGetValue(variant, out var kernel)) kernels.Add(variant, kernel = Load(variant));
        return kernel;
    }

    /// <summary>Unloads the kernels.</summary>
    public void Dispose()
    {
        foreach (var module in modules) module.Dispose();
        modules.Clear();
    }

    private CudaKernel Load(KernelVariant variant)
    {
        var module = CudaProgramCache.Default.Load(
            context, KernelSources.Read(variant.FileName), KernelSources.Headers, Options(variant, architecture));
        modules.Add(module);
        return module.GetKernel(variant.EntryPoint);
    }
}
