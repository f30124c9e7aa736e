namespace DftNative.Cuda;

/// <summary>Which versions of CUDA's parts work with each other and with a GPU; each problem is one sentence with its remedy.</summary>
internal static class CudaCompatibility
{
    /// <summary>Code of any CUDA 12 runs on a driver of the first; and all functions of the driver that are called are there.</summary>
    public static readonly Version OldestDriver = new(12, 0);

    /// <summary>bf16 arithmetic on tensor cores, and cp.async.</summary>
    public static readonly Version OldestComputeCapability = new(8, 0);

    private static readonly Version Blackwell = new(10, 0);
    private static readonly Version FirstNvrtcForBlackwell = new(12, 8);

    /// <summary>What is wrong with a driver; null where nothing is.</summary>
    public static string? ProblemOfDriver(Version driver) => driver >= OldestDriver
        ? null
        : $"the driver is for CUDA {driver}, and CUDA {OldestDriver} is the oldest that will do: install NVIDIA's driver 525 or newer";

    /// <summary>What is wrong with a GPU; null where nothing is.</summary>
    public static string? ProblemOfDevice(string name, Version computeCapability) => computeCapability >= OldestComputeCapability
        ? null
        : $"{name} has compute capability {computeCapability}: bf16 needs {OldestComputeCapability}, an A100, RTX 30 or later";

    /// <summary>What is wrong with an NVRTC beside that driver; null where nothing is.</summary>
    public static string? ProblemOfNvrtc(Version nvrtc, Version driver) => nvrtc.Major <= driver.Major
        ? null
        : $"NVRTC {nvrtc} makes code that a driver for CUDA {driver} does not load: install a newer driver, or NVRTC {driver.Major} with DFTNATIVE_CUDA_HOME naming its folder";

    /// <summary>What is wrong with an NVRTC for that GPU; null where nothing is.</summary>
    public static string? ProblemOfNvrtc(Version nvrtc, string deviceName, Version computeCapability) =>
        computeCapability < Blackwell || nvrtc >= FirstNvrtcForBlackwell
            ? null
            : $"NVRTC {nvrtc} does not know the compute capability {computeCapability} of {deviceName}: install NVRTC {FirstNvrtcForBlackwell} or newer";

    /// <summary>What is wrong with a cuBLASLt beside that driver; null where nothing is.</summary>
    public static string? ProblemOfCublasLt(Version cublasLt, Version driver) => cublasLt.Major <= driver.Major
        ? null
        : $"cuBLASLt {cublasLt} needs a driver for CUDA {cublasLt.Major}, and this one is for CUDA {driver}: install a newer driver, or cuBLASLt {driver.Major} with DFTNATIVE_CUDA_HOME naming its folder";

    /// <summary>Whether libraries of two majors are mixed; null where they are not.</summary>
    public static string? ProblemOfMix(Version nvrtc, Version cublasLt) => nvrtc.Major == cublasLt.Major
        ? null
        : $"NVRTC {nvrtc} and cuBLASLt {cublasLt} are of two major versions of CUDA: install both of one, and let DFTNATIVE_CUDA_HOME name the folder with them";
}
