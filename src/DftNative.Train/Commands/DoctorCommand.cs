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
        var command = new Command("doctor", "Say what this machine has, what is missing, and how to get it.");
        command.SetAction(_ => (int)Run());
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
        Try("device cuda", DescribeGpu);
        Try("nvrtc", () => $"version {CudaRuntimeCompiler.Version}");
        Print("", "the CUDA backend is not complete yet: training runs on the CPU");
        return ExitCode.Success;
    }

    private static string DescribeVectors()
    {
        var bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        return bits == 0 ? "none: the managed parts will be slow" : $"{bits} bits, {Vector<float>.Count} floats in Vector<float>";
    }

    private static string DescribeGpu()
    {
        using var context = new CudaContext();
        return FormattableString.Invariant(
            $"{context.DeviceName}, compute capability {context.ComputeCapability}, {context.TotalMemoryInBytes / (double)(1L << 30):0.0} GiB, driver for CUDA {context.DriverVersion}");
    }

    /// <summary>A missing library is what doctor is asked about, not an error of it.</summary>
    private static void Try(string what, Func<string> describe)
    {
        try
        {
            Print(what, describe());
        }
        catch (CudaException exception)
        {
            Print(what, exception.Message);
        }
    }

    private static void Print(string what, string value) => Console.WriteLine($"{what,-12} {value}");
}
