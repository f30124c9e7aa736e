namespace DftNative.Cuda.Interop;

/// <summary>The libraries' names in the imports; <see cref="CudaLibraryResolver"/> turns each into a file.</summary>
internal static class CudaLibrary
{
    /// <summary>The driver, installed with the GPU's kernel module.</summary>
    public const string Driver = "cuda";

    /// <summary>The run-time compiler, part of the CUDA toolkit.</summary>
    public const string Nvrtc = "nvrtc";

    /// <summary>The library of matrix products, part of the CUDA toolkit.</summary>
    public const string CublasLt = "cublasLt";
}
