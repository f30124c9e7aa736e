namespace DftNative.Backends.Cpu;

/// <summary>Chooses the matrix product for this machine: OpenBLAS where there is one, else the managed one.</summary>
internal static class GemmLibrary
{
    /// <summary>The best matrix product here; its <see cref="Gemm.Description"/> says which it is and why.</summary>
    /// <exception cref="DftNativeException"><c>DFTNATIVE_OPENBLAS</c> names a file that is not a usable OpenBLAS.</exception>
    public static Gemm Load() => OpenBlasGemm.TryLoad(out string reason) ?? (Gemm)new ManagedGemm(reason);
}
