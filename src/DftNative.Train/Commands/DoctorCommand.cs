using System.CommandLine;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DftNative.Backends.Cpu;
using DftNative.Cuda;

namespace DftNative.Train.Commands;

/// <summary><c>doctor</c>: what this machine has, what is missing, and how to get it.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var selfTest = new Option<bool>("--selftest")
        {
            Description = "Run every wrapper of a GPU instruction on the device, against the results that the PTX manual fixes.",
        };
        var device = new Option<string>("--device")
        {
            Description = "Where --selftest runs [cuda]",
            HelpName = "cuda|cuda:N",
            DefaultValueFactory = _ => "cuda",
        };
        var command = new Command("doctor", "Say what this machine has, what is missing, and how to get it.") { selfTest, device };
        command.SetAction(result => (int)(result.GetValue(selfTest) ? DoctorSelfTest.Run(result.GetValue(device)!, Console.Out) : Run()));
        return command;
    }

    private static ExitCode Run()
    {
        Print("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}");
        Print(".NET", RuntimeInformation.FrameworkDescription);
        Print("cores", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Print("vectors", DescribeVectors());
        Print("memory", FormattableString.Invariant($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30):0.0} GiB"));
        using var backend = new CpuBackend();
        Print("device cpu", backend.Description);
        if (!backend.Description.Contains("GEMM by OpenBLAS", StringComparison.Ordinal))
            Print("", "OpenBLAS makes training faster: apt-get install libopenblas0-pthread, and leave DFTNATIVE_OPENBLAS unset or give its path there");
        PrintCuda(CudaInstallation.Probe());
        return ExitCode.Success;
    }

    private static string DescribeVectors()
    {
        var bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        return bits == 0 ? "none: the managed parts will be slow" : $"{bits} bits, {Vector<float>.Count} floats in Vector<float>";
    }

    /// <summary>What is found and where; of what is not, every path that was tried, and how to get it.</summary>
    private static void PrintCuda(CudaInstallation cuda)
    {
        foreach (var library in cuda.Libraries)
        {
            Print(library.Name, library.Path is null ? "not found" : $"{Describe(library)}, {library.Path}");
            foreach (var attempt in library.Attempts.Where(attempt => attempt.Failure is not null))
                Print("", $"  tried {attempt.Path}: {attempt.Failure}");
            if (library.Problem is not null) Print("", library.Problem);
        }

        foreach (var device in cuda.Devices)
        {
            Print($"device cuda:{device.Ordinal}", FormattableString.Invariant(
                $"{device.Name}, compute capability {device.ComputeCapability}, {device.MultiprocessorCount} SMs, {device.TotalMemoryInBytes / (double)(1L << 30):0.0} GiB"));
            if (device.Problem is not null) Print("", device.Problem);
        }

        if (cuda.Devices.Count == 0) Print("device cuda", "none");
        foreach (var problem in cuda.Problems) Print("problem", problem);
        Print("kernel cache", CudaProgramCache.Default.Folder ?? $"none ({CudaProgramCache.FolderVariable})");
    }

    private static string Describe(CudaLibraryReport library) => (library.Name, library.Version) switch
    {
        (_, null) => "of no known version",
        ("driver", var version) => $"for CUDA {version}",
        (_, var version) => $"version {version}",
    };

    private static void Print(string what, string value) => Console.WriteLine($"{what,-13} {value}");
}
