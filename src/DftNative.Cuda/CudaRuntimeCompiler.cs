using System.Globalization;
using System.Text;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>NVRTC: CUDA C++ text to code for one real architecture. Needs no GPU.</summary>
public static unsafe class CudaRuntimeCompiler
{
    private static readonly Lazy<string> LazyIdentity = new(GetIdentity);

    /// <summary>The library's CUDA version.</summary>
    /// <exception cref="CudaLibraryNotFoundException">There is no NVRTC.</exception>
    public static Version Version
    {
        get
        {
            CudaCheck.ThrowIfFailed(Nvrtc.nvrtcVersion(out var major, out var minor));
            return new Version(major, minor);
        }
    }

    /// <summary>
    /// What tells one compiler from another, for caches: the version, and the library's files with their sizes and times,
    /// since two builds of one version may differ.
    /// </summary>
    internal static string Identity => LazyIdentity.Value;

    /// <summary>Compiles a program.</summary>
    /// <param name="source">The program.</param>
    /// <param name="headers">What it can include.</param>
    /// <param name="options">NVRTC's options, such as <c>--gpu-architecture=sm_90a</c> and <c>-DVECTORS=2</c>.</param>
    /// <exception cref="CudaCompilationException">The program was rejected; the log is in the message.</exception>
    public static CompiledProgram Compile(
        CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options)
    {
        using var text = new Utf8Strings([source.Text, source.FileName]);
        using var headerTexts = new Utf8Strings(headers.Select(header => header.Text));
        using var headerNames = new Utf8Strings(headers.Select(header => header.FileName));
        using var optionTexts = new Utf8Strings(options);
        CudaCheck.ThrowIfFailed(Nvrtc.nvrtcCreateProgram(
            out var program, text.Pointers[0], text.Pointers[1], headers.Count, headerTexts.Pointers, headerNames.Pointers));
        try
        {
            var result = Nvrtc.nvrtcCompileProgram(program, options.Count, optionTexts.Pointers);
            var log = GetLog(program);
            if (result != nvrtcResult.NVRTC_SUCCESS)
                throw new CudaCompilationException(CudaCheck.Describe(result), source.FileName, log);
            return new CompiledProgram(GetImage(program), log);
        }
        finally
        {
            CudaCheck.ThrowIfFailed(Nvrtc.nvrtcDestroyProgram(ref program));
        }
    }

    private static string GetIdentity()
    {
        var version = Version;
        var identity = new StringBuilder($"NVRTC {version}");
        if (CudaLibraryResolver.FileOf(CudaLibrary.Nvrtc) is { } path && Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            foreach (var file in new DirectoryInfo(folder).GetFiles("libnvrtc*").OrderBy(file => file.Name, StringComparer.Ordinal))
                identity.Append(CultureInfo.InvariantCulture, $"; {file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        }

        return identity.ToString();
    }

    private static string GetLog(nvrtcProgram program)
    {
        CudaCheck.ThrowIfFailed(Nvrtc.nvrtcGetProgramLogSize(program, out var size));
        var log = new byte[size];
        fixed (byte* pointer = log)
            CudaCheck.ThrowIfFailed(Nvrtc.nvrtcGetProgramLog(program, pointer));
        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    private static byte[] GetImage(nvrtcProgram program)
    {
        CudaCheck.ThrowIfFailed(Nvrtc.nvrtcGetCUBINSize(program, out var size));
        var image = new byte[size];
        fixed (byte* pointer = image)
            CudaCheck.ThrowIfFailed(Nvrtc.nvrtcGetCUBIN(program, pointer));
        return image;
    }
}
