using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>NVRTC under its own names, as nvrtc.h 12.4 declares them. Strings are UTF-8 and zero-terminated.</summary>
public static unsafe partial class Nvrtc
{
    static Nvrtc() => CudaLibraryResolver.Register();

    /// <summary>The library's CUDA version.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcVersion(out int major, out int minor);

    /// <summary>A static string: the status's name.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial byte* nvrtcGetErrorString(nvrtcResult result);

    /// <summary>Makes a program of a source and the headers that it can include.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcCreateProgram(
        out nvrtcProgram program, byte* source, byte* name, int headerCount, byte** headers, byte** includeNames);

    /// <summary>Ends a program and clears the handle.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcDestroyProgram(ref nvrtcProgram program);

    /// <summary>Compiles a program.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int optionCount, byte** options);

    /// <summary>Bytes of the cubin; 0 where the architecture was a virtual one.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, out nuint sizeInBytes);

    /// <summary>Writes the cubin.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, byte* cubin);

    /// <summary>Bytes of the log, the terminating zero included.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, out nuint sizeInBytes);

    /// <summary>Writes the log.</summary>
    [LibraryImport(CudaLibrary.Nvrtc)]
    public static partial nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, byte* log);
}
