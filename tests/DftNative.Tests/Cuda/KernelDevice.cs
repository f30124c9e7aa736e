using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The device that tests of kernels run on: the emulator, or the machine's GPU where DFTNATIVE_REQUIRE_GPU=1 asks for it.
/// Then a device that is not there fails the test, and what only the emulator has is skipped. A process has one device.
/// </summary>
internal static class KernelDevice
{
    private static readonly Lazy<string?> MissingGpu = new(FindGpu);

    /// <summary>Whether the tests must run on a GPU.</summary>
    public static bool IsGpuRequired => Environment.GetEnvironmentVariable("DFTNATIVE_REQUIRE_GPU") == "1";

    /// <summary>Fails the test where a required GPU is missing; skips it where the emulator cannot be built.</summary>
    public static void Require()
    {
        if (!IsGpuRequired)
            CudaEmulator.Require();
        else if (MissingGpu.Value is { } reason)
            Assert.Fail($"DFTNATIVE_REQUIRE_GPU=1: {reason}");
    }

    private static string? FindGpu()
    {
        try
        {
            using var context = new CudaContext();
            return context.IsEmulated ? $"{context.DeviceName} is no GPU" : null;
        }
        catch (CudaException exception)
        {
            return exception.Message;
        }
    }
}
