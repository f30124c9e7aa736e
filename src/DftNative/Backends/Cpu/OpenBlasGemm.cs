using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>Matrix products by an OpenBLAS found at run time, held to one thread a call.</summary>
/// <remarks>
/// The environment variable <c>DFTNATIVE_OPENBLAS</c> names the library file to use instead of the usual names, or says <c>none</c>.
/// The thread count is the process's: whatever else uses the same OpenBLAS gets one thread a call too.
/// </remarks>
internal sealed unsafe class OpenBlasGemm : Gemm
{
    /// <summary>The environment variable that overrides where the library is looked for.</summary>
    public const string PathVariable = "DFTNATIVE_OPENBLAS";

    [ThreadStatic]
    private static bool s_openMPIsSet;

    private readonly OpenBlas _library;
    private readonly bool _isOpenMP;
    private readonly ManagedGemm _managed = new("beside OpenBLAS");

    private OpenBlasGemm(OpenBlas library)
    {
        _library = library;
        _isOpenMP = library.GetParallel() == OpenBlas.OpenMPBuild;
        library.SetNumThreads(1);
        string[] config = library.GetConfig().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Description = $"{string.Join(' ', config.Take(2))} ({library.GetCoreName()}), A·Bᵀ by managed {ManagedGemm.VectorName(Vector512.IsHardwareAccelerated)}";
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Loads the library, or returns null and why there is none.</summary>
    /// <param name="reason">Why there is none, and how to mend it; empty on success.</param>
    /// <exception cref="DftNativeException"><c>DFTNATIVE_OPENBLAS</c> names a file that is not a usable OpenBLAS.</exception>
    public static OpenBlasGemm? TryLoad(out string reason) => TryLoad(Environment.GetEnvironmentVariable(PathVariable), out reason);

    /// <summary>Loads the library at a path, or under its usual names where the path is null or empty.</summary>
    /// <param name="path">The value of <see cref="PathVariable"/>.</param>
    /// <param name="reason">Why there is none, and how to mend it; empty on success.</param>
    /// <exception cref="DftNativeException">The path is given and is not a usable OpenBLAS.</exception>
    internal static OpenBlasGemm? TryLoad(string? path, out string reason)
    {
        if (string.Equals(path, "none", StringComparison.OrdinalIgnoreCase))
        {
            reason = $"OpenBLAS disabled by {PathVariable}={path}";
            return null;
        }
        if (!string.IsNullOrEmpty(path))
        {
            // A library asked for by name that cannot be used is an error, not a reason to run slower.
            if (!NativeLibrary.TryLoad(path, out nint chosen))
                throw new DftNativeException(ExitCode.Device, $"{PathVariable}={path} is not a library that can be loaded; give OpenBLAS's path, or 'none'.");
            return TryUse(chosen, path, out reason) ?? throw new DftNativeException(ExitCode.Device, $"{PathVariable}: {reason}.");
        }
        reason = "";
        foreach (string name in Names())
        {
            if (NativeLibrary.TryLoad(name, out nint library) && TryUse(library, name, out reason) is { } gemm)
                return gemm;
        }
        if (reason.Length == 0)
            reason = OperatingSystem.IsLinux() ? "OpenBLAS not found: install libopenblas0-pthread" : $"OpenBLAS not found: install it or set {PathVariable}";
        return null;
    }

    /// <inheritdoc/>
    public override void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        // A row of the managed A·Bᵀ does not depend on the number of rows, so that a sampled answer does not depend on its
        // batch. It is the faster one with AVX-512 (bench gemm, on Zen 4) and some 5 % slower with AVX2.
        if (transposeB && !transposeA)
        {
            _managed.Multiply(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
            return;
        }
        // OpenMP's thread count belongs to the calling thread, so that each thread has to set its own once.
        if (_isOpenMP && !s_openMPIsSet)
        {
            _library.OmpSetNumThreads(1);
            s_openMPIsSet = true;
        }
        _library.Sgemm(
            OpenBlas.CblasRowMajor,
            transposeA ? OpenBlas.CblasTrans : OpenBlas.CblasNoTrans,
            transposeB ? OpenBlas.CblasTrans : OpenBlas.CblasNoTrans,
            m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    private static string[] Names() =>
        OperatingSystem.IsWindows() ? ["libopenblas.dll"]
        : OperatingSystem.IsMacOS() ? ["libopenblas.0.dylib", "libopenblas.dylib"]
        : ["libopenblas.so.0", "libopenblas.so"];

    private static OpenBlasGemm? TryUse(nint handle, string name, out string reason)
    {
        OpenBlas? library = OpenBlas.TryBind(handle, out string missing);
        reason = library is null ? $"{name} has no {missing}" : Refusal(library, name);
        return reason.Length == 0 ? new OpenBlasGemm(library!) : null;
    }

    private static string Refusal(OpenBlas library, string name)
    {
        if (library.GetConfig().Contains("USE64BITINT", StringComparison.Ordinal))
            return $"{name} has 64-bit integers: install the 32-bit interface, such as libopenblas0-pthread";
        return library.GetParallel() switch
        {
            OpenBlas.PthreadBuild => "",
            OpenBlas.OpenMPBuild => library.HasOpenMPRuntime ? "" : $"{name} hides its OpenMP runtime, whose threads cannot be set to one",
            // Its buffers are locked only where it was built with USE_LOCKING, which it does not tell.
            _ => $"{name} is a sequential build, unsafe to call from several threads: install libopenblas0-pthread",
        };
    }
}
