namespace DftNative.Cuda;

/// <summary>A program that NVRTC rejected.</summary>
public sealed class CudaCompilationException : CudaException
{
    internal CudaCompilationException(string status, string fileName, string log)
        : base($"{status} for {fileName}: {log.Trim()}") => Log = log;

    /// <summary>The compiler's messages, with file and line.</summary>
    public string Log { get; }
}
