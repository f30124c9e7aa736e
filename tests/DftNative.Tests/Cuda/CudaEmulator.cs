using System.Runtime.InteropServices;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The CUDA emulator: built once a process, and what the unchanged bindings then load. Where DFTNATIVE_CUDA_HOME is set,
/// that is used as it is, and tests of the emulator itself are skipped if it is something else. Where a GPU is required
/// (<see cref="KernelDevice"/>) there is none in this process: its order changes nothing, and what it counts is skipped.
/// </summary>
internal static unsafe class CudaEmulator
{
    private const string HomeVariable = "DFTNATIVE_CUDA_HOME";

    private static readonly Lazy<string?> Unavailable = new(Build);
    private static readonly Lazy<nint> Driver = new(() => NativeLibrary.Load(Path.Combine(Folder, "libcuda.so.1")));

    private static readonly Lazy<nint> CublasLt = new(() => NativeLibrary.Load(Path.Combine(Folder, "libcublasLt.so.12")));

    private static string Folder => Environment.GetEnvironmentVariable(HomeVariable)!;

    /// <summary>Skips the test, with the reason, where the emulator cannot be built.</summary>
    public static void Require()
    {
        if (Unavailable.Value is { } reason) Assert.Ignore(reason);
        SetOrder(0);
    }

    /// <summary>Chooses the order in which threads run: 0, or the seed of a random one. A GPU chooses by itself.</summary>
    public static void SetOrder(ulong seed)
    {
        if (KernelDevice.IsGpuRequired) return;
        ((delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_set_order"))(seed);
    }

    /// <summary>Sets all counters to zero; skips the test on a GPU.</summary>
    public static void ResetCounters()
    {
        RequireCounters();
        ((delegate* unmanaged<void>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_reset_counters"))();
    }

    /// <summary>The counters of a kernel that was launched.</summary>
    public static EmulatorCounters CountersOf(string kernel)
    {
        RequireCounters();
        var counters = default(EmulatorCounters);
        var name = Marshal.StringToCoTaskMemUTF8(kernel);
        var export = NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_counters");
        var found = ((delegate* unmanaged<nint, EmulatorCounters*, int>)export)(name, &counters);
        Marshal.FreeCoTaskMem(name);
        Assert.That(found, Is.EqualTo(1), $"{kernel} was never launched");
        return counters;
    }

    /// <summary>The products that ran since the last reset, and their floating-point operations.</summary>
    public static (long Products, long Flops) MatrixProducts()
    {
        RequireCounters();
        long products, flops;
        ((delegate* unmanaged<long*, long*, void>)NativeLibrary.GetExport(CublasLt.Value, "dftnative_emulator_matrix_products"))(&products, &flops);
        return (products, flops);
    }

    /// <summary>Sets both to zero.</summary>
    public static void ResetMatrixProducts()
    {
        RequireCounters();
        ((delegate* unmanaged<void>)NativeLibrary.GetExport(CublasLt.Value, "dftnative_emulator_reset_matrix_products"))();
    }

    /// <summary>Since the last reset: the driver's allocations of device memory, and the most bytes that were in use at once.</summary>
    public static (long Allocations, long PeakBytes) DeviceMemory()
    {
        RequireCounters();
        long allocations, peakBytes;
        ((delegate* unmanaged<long*, long*, void>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_device_memory"))(&allocations, &peakBytes);
        return (allocations, peakBytes);
    }

    /// <summary>Counts allocations from 0 again, and the peak from what is in use.</summary>
    public static void ResetDeviceMemory()
    {
        RequireCounters();
        ((delegate* unmanaged<void>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_reset_device_memory"))();
    }

    /// <summary>Lets a call of the driver fail with CUDA_ERROR_UNKNOWN: the one of that number, counted from 1 on from now; 0: none.</summary>
    public static void FailCall(ulong number)
    {
        RequireCounters();
        ((delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_fail_call"))(number);
    }

    /// <summary>Whether the call that is to fail has yet to come.</summary>
    public static bool IsFailurePending() =>
        ((delegate* unmanaged<int>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_is_failure_pending"))() != 0;

    /// <summary>The driver's own count: references to the context, and what is alive in it but for memory.</summary>
    public static int LiveObjects() => ((delegate* unmanaged<int>)NativeLibrary.GetExport(Driver.Value, "dftnative_emulator_live_objects"))();

    /// <summary>Skips the test on a GPU.</summary>
    private static void RequireCounters()
    {
        if (KernelDevice.IsGpuRequired) Assert.Ignore("only the emulator counts");
    }

    private static string? Build()
    {
        if (KernelDevice.IsGpuRequired) return "a test of the emulator, and DFTNATIVE_REQUIRE_GPU=1 asks for a GPU";
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(HomeVariable)))
        {
            if (Command.Run("g++", ["--version"]) is null) return "the CUDA emulator needs g++";
            if (Command.Run("cmake", ["--version"]) is null) return "the CUDA emulator needs CMake";
            foreach (string[] arguments in (string[][])[["-S", ".", "-B", "build/cmake"], ["--build", "build/cmake", "--parallel"]])
            {
                var build = Command.Run("cmake", arguments)!;
                if (build.ExitCode != 0) throw new InvalidOperationException($"cmake {string.Join(' ', arguments)}: {build.Output}");
            }

            Environment.SetEnvironmentVariable(HomeVariable, Path.Combine(RepositoryFolder.Path, "build", "cuda-emulator"));
        }

        using var context = new CudaContext();
        return context.IsEmulated ? null : $"{HomeVariable} names a real CUDA: {context.DeviceName}";
    }
}
