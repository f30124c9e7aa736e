using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>The C functions of an OpenBLAS library with 32-bit integers, under their own names.</summary>
/// <remarks>Signatures from OpenBLAS's <c>cblas.h</c>. Function pointers rather than imports: the library is optional and its path is chosen at run time.</remarks>
internal sealed unsafe class OpenBlas
{
    public const int CblasRowMajor = 101;
    public const int CblasNoTrans = 111;
    public const int CblasTrans = 112;
    public const int SequentialBuild = 0;
    public const int PthreadBuild = 1;
    public const int OpenMPBuild = 2;

    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _sgemm;
    private readonly delegate* unmanaged[Cdecl]<int, void> _setNumThreads;
    private readonly delegate* unmanaged[Cdecl]<int, void> _ompSetNumThreads;
    private readonly delegate* unmanaged[Cdecl]<int> _getParallel;
    private readonly delegate* unmanaged[Cdecl]<byte*> _getConfig;
    private readonly delegate* unmanaged[Cdecl]<byte*> _getCoreName;

    private OpenBlas(nint library, nint sgemm, nint setNumThreads, nint getParallel, nint getConfig, nint getCoreName)
    {
        _sgemm = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)sgemm;
        _setNumThreads = (delegate* unmanaged[Cdecl]<int, void>)setNumThreads;
        _getParallel = (delegate* unmanaged[Cdecl]<int>)getParallel;
        _getConfig = (delegate* unmanaged[Cdecl]<byte*>)getConfig;
        _getCoreName = (delegate* unmanaged[Cdecl]<byte*>)getCoreName;
        // A lookup through the library's handle also searches what the library is linked to, its OpenMP runtime among it.
        if (NativeLibrary.TryGetExport(library, "omp_set_num_threads", out nint ompSetNumThreads))
            _ompSetNumThreads = (delegate* unmanaged[Cdecl]<int, void>)ompSetNumThreads;
    }

    /// <summary>Whether the OpenMP runtime's own thread count can be set.</summary>
    public bool HasOpenMPRuntime => _ompSetNumThreads is not null;

    /// <summary>Binds the functions of a loaded library, or returns null and the name of the one that is missing.</summary>
    /// <param name="library">The library's handle.</param>
    /// <param name="missing">The function that the library lacks.</param>
    public static OpenBlas? TryBind(nint library, out string missing)
    {
        if (NativeLibrary.TryGetExport(library, missing = "cblas_sgemm", out nint sgemm)
            && NativeLibrary.TryGetExport(library, missing = "openblas_set_num_threads", out nint setNumThreads)
            && NativeLibrary.TryGetExport(library, missing = "openblas_get_parallel", out nint getParallel)
            && NativeLibrary.TryGetExport(library, missing = "openblas_get_config", out nint getConfig)
            && NativeLibrary.TryGetExport(library, missing = "openblas_get_corename", out nint getCoreName))
            return new OpenBlas(library, sgemm, setNumThreads, getParallel, getConfig, getCoreName);
        return null;
    }

    /// <summary><c>cblas_sgemm</c>: C = alpha · op(A) · op(B) + beta · C.</summary>
    public void Sgemm(
        int order, int transA, int transB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc) =>
        _sgemm(order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <summary><c>openblas_set_num_threads</c>: the threads the library itself uses for one call, for the whole process.</summary>
    public void SetNumThreads(int count) => _setNumThreads(count);

    /// <summary><c>omp_set_num_threads</c> of the OpenMP runtime the library is linked to, for the calling thread.</summary>
    public void OmpSetNumThreads(int count) => _ompSetNumThreads(count);

    /// <summary><c>openblas_get_parallel</c>: 0 for a sequential build, 1 for threads of its own, 2 for OpenMP.</summary>
    public int GetParallel() => _getParallel();

    /// <summary><c>openblas_get_config</c>, such as "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64".</summary>
    public string GetConfig() => Marshal.PtrToStringUTF8((nint)_getConfig()) ?? "";

    /// <summary><c>openblas_get_corename</c>: the kernel set chosen for this processor, such as "SkylakeX".</summary>
    public string GetCoreName() => Marshal.PtrToStringUTF8((nint)_getCoreName()) ?? "";
}
