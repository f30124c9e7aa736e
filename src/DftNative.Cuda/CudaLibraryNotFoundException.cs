using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A library of CUDA that could not be loaded from anywhere.</summary>
public sealed class CudaLibraryNotFoundException : CudaException
{
    internal CudaLibraryNotFoundException(string library, IReadOnlyList<CudaLibraryAttempt> attempts)
        : base($"{Remedy(library)}; tried {string.Join(", ", attempts.Select(Describe))}")
    {
        Library = library;
        Attempts = attempts;
    }

    /// <summary>"cuda" (the driver), "nvrtc" or "cublasLt".</summary>
    public string Library { get; }

    /// <summary>Whether it is the driver's, which belongs to the machine and no toolkit has.</summary>
    public bool IsDriver => Library == CudaLibrary.Driver;

    /// <summary>Every place that was looked at, in order.</summary>
    public IReadOnlyList<CudaLibraryAttempt> Attempts { get; }

    /// <summary>What is missing, and how to get it.</summary>
    internal static string Remedy(string library) => library switch
    {
        CudaLibrary.Driver =>
            "NVIDIA's driver library was not found: install the GPU's driver",
        CudaLibrary.Nvrtc =>
            "CUDA's run-time compiler NVRTC was not found: install the CUDA toolkit, its package cuda-nvrtc-12-x or Python's " +
            "nvidia-cuda-nvrtc-cu12, or set DFTNATIVE_CUDA_HOME to a folder with it",
        _ =>
            "CUDA's cuBLASLt was not found: install the CUDA toolkit, its package libcublas-12-x or Python's nvidia-cublas-cu12, " +
            "or set DFTNATIVE_CUDA_HOME to a folder with it",
    };

    /// <summary>That a file is not there goes without saying; why one that is there was not taken does not.</summary>
    private static string Describe(CudaLibraryAttempt attempt) =>
        attempt.Failure is CudaLibraryResolver.NotThere or null ? attempt.Path : $"{attempt.Path} ({attempt.Failure})";
}
