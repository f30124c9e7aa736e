using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>What a machine has of CUDA, and what of it does not work together.</summary>
/// <param name="Libraries">The driver, NVRTC and cuBLASLt, found or not.</param>
/// <param name="Devices">The GPUs that the driver sees.</param>
/// <param name="Problems">
/// What is wrong beyond a single library or device: versions that do not go together, a compiler that does not compile. Each
/// is a sentence with its remedy.
/// </param>
public sealed record CudaInstallation(
    IReadOnlyList<CudaLibraryReport> Libraries, IReadOnlyList<CudaDeviceReport> Devices, IReadOnlyList<string> Problems)
{
    private static readonly CudaProgramSource EmptyProgram = new("empty.cu", "extern \"C\" __global__ void empty() {}");

    /// <summary>Whether nothing is missing or wrong, and there is a GPU that can be used.</summary>
    public bool IsUsable =>
        Problems.Count == 0 && Libraries.All(library => library.Problem is null) && Devices.Any(device => device.Problem is null);

    /// <summary>Looks for everything. Nothing that is missing or broken is an error here.</summary>
    public static CudaInstallation Probe()
    {
        var driver = ProbeDriver();
        var nvrtc = Probe("NVRTC", CudaLibrary.Nvrtc, () => CudaRuntimeCompiler.Version);
        var cublasLt = Probe("cuBLASLt", CudaLibrary.CublasLt, CublasLt.GetLibraryVersion);
        var devices = driver.Problem is null ? ProbeDevices() : [];
        var problems = new List<string?>();
        if (nvrtc.Version is not null && driver.Version is not null) problems.Add(CudaCompatibility.ProblemOfNvrtc(nvrtc.Version, driver.Version));
        if (cublasLt.Version is not null && driver.Version is not null) problems.Add(CudaCompatibility.ProblemOfCublasLt(cublasLt.Version, driver.Version));
        if (nvrtc.Version is not null && cublasLt.Version is not null) problems.Add(CudaCompatibility.ProblemOfMix(nvrtc.Version, cublasLt.Version));
        if (nvrtc.Version is not null)
        {
            problems.AddRange(devices.Select(device => CudaCompatibility.ProblemOfNvrtc(nvrtc.Version, device.Name, device.ComputeCapability)));
            problems.Add(TryCompile());
        }

        return new CudaInstallation([driver, nvrtc, cublasLt], devices, [.. problems.OfType<string>()]);
    }

    /// <summary>Throws where a device, or the libraries beside its driver, cannot be used.</summary>
    /// <exception cref="CudaException">The first problem, with its remedy.</exception>
    public static void Require(CudaContext context)
    {
        var nvrtc = CudaRuntimeCompiler.Version;
        var problem = CudaCompatibility.ProblemOfDevice(context.DeviceName, context.ComputeCapability)
            ?? CudaCompatibility.ProblemOfNvrtc(nvrtc, context.DriverVersion)
            ?? CudaCompatibility.ProblemOfNvrtc(nvrtc, context.DeviceName, context.ComputeCapability)
            ?? CudaCompatibility.ProblemOfMix(nvrtc, CublasLt.GetLibraryVersion());
        if (problem is not null) throw new CudaException(problem);
    }

    private static CudaLibraryReport ProbeDriver()
    {
        var report = Probe("driver", CudaLibrary.Driver, CudaSystem.GetDriverVersion);
        return report.Problem is null ? report with { Problem = Try(() => CudaSystem.Initialize()) } : report;
    }

    private static CudaLibraryReport Probe(string name, string library, Func<Version> getVersion)
    {
        var attempts = CudaLibraryResolver.Find(library);
        if (attempts[^1].Failure is not null)
            return new CudaLibraryReport(name, null, null, attempts, CudaLibraryNotFoundException.Remedy(library));
        Version? version = null;
        var problem = Try(() => version = getVersion());
        return new CudaLibraryReport(name, CudaLibraryResolver.FileOf(library) ?? attempts[^1].Path, version, attempts, problem);
    }

    private static List<CudaDeviceReport> ProbeDevices()
    {
        var reports = new List<CudaDeviceReport>();
        for (var ordinal = 0; ordinal < CudaSystem.GetDeviceCount(); ordinal++)
        {
            var device = CudaSystem.GetDevice(ordinal);
            var name = CudaSystem.GetName(device);
            var computeCapability = CudaSystem.GetComputeCapability(device);
            reports.Add(new CudaDeviceReport(
                ordinal, name, computeCapability, CudaSystem.GetTotalMemoryInBytes(device),
                CudaSystem.GetAttribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device),
                CudaCompatibility.ProblemOfDevice(name, computeCapability)));
        }

        return reports;
    }

    /// <summary>NVRTC without its second library, the built-ins, has a version but compiles nothing.</summary>
    private static string? TryCompile() =>
        Try(() => CudaRuntimeCompiler.Compile(EmptyProgram, [], ["--gpu-architecture=sm_80", "--std=c++20"])) is { } failure
            ? $"NVRTC does not compile an empty kernel: {failure}"
            : null;

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception) when (exception is CudaException or EntryPointNotFoundException)
        {
            return exception.Message;
        }
    }
}
