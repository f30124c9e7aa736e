namespace DftNative.Cuda.Interop;

/// <summary>A status of NVRTC (nvrtc.h 12.4). Only those that the code tells apart have a name here.</summary>
public enum nvrtcResult
{
    /// <summary>No error.</summary>
    NVRTC_SUCCESS = 0,

    /// <summary>An option is not known.</summary>
    NVRTC_ERROR_INVALID_OPTION = 5,

    /// <summary>The program does not compile; its log says why.</summary>
    NVRTC_ERROR_COMPILATION = 6,
}
