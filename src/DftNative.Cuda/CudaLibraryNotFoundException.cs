namespace DftNative.Cuda;

/// <summary>A library of CUDA that could not be loaded from anywhere.</summary>
public sealed class CudaLibraryNotFoundException : CudaException
{
    internal CudaLibraryNotFoundException(string library, IReadOnlyList<string> triedPaths)
        : base($"{Remedy(library)}; tried {string.Join(", ", triedPaths)}")
    {
        Library = library;
        TriedPaths = triedPaths;
    }

    /// <summary>"cuda" (the driver), "nvrtc" or "cublasLt".</summary>
    public string Library { get; }

    /// <summary>Every path that was tried, in order; one without a folder was left to the loader.</summary>
    public IReadOnlyList<string> TriedPaths { get; }

    private static string Remedy(string library) => library == Interop.CudaLibrary.Driver
        ? "NVIDIA's driver library was not found: install the GPU's driver"
        : $"CUDA's {library} library was not found: install the CUDA toolkit, or set DFTNATIVE_CUDA_HOME to a folder with it";
}
