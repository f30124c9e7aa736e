namespace DftNative.Backends.Cpu;

/// <summary>Chooses the matrix product of the CPU backend.</summary>
internal static class GemmLibrary
{
    public static Gemm Load() => OpenBlasGemm.TryLoad(out var reason) ?? throw new DftNativeException(ExitCode.Device, reason);
}
