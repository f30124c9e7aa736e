using System.Reflection;
using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>
/// Finds CUDA's libraries by their exact names, in this order of places: <c>DFTNATIVE_CUDA_HOME</c> (the folder itself,
/// its lib64 and its lib), the loader's own path, /usr/local/cuda*/lib64, and the nvidia packages of Python. In a place the
/// newest name comes first.
/// Where DFTNATIVE_CUDA_HOME is set, NVRTC and cuBLASLt are taken from there or not at all, so that no other toolkit's is
/// mixed in unseen; the driver is looked for further, since it belongs to the machine and no toolkit has it.
/// </summary>
internal static class CudaLibraryResolver
{
    /// <summary>Why nearly every path is passed over.</summary>
    public const string NotThere = "not there";

    private const string NoSuchFolder = "no such folder";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = [];
    private static readonly Dictionary<string, IReadOnlyList<CudaLibraryAttempt>> Attempts = [];
    private static bool registered;

    /// <summary>Makes this the resolver of the assembly's imports.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (registered) return;
            NativeLibrary.SetDllImportResolver(typeof(CudaLibraryResolver).Assembly, Resolve);
            registered = true;
        }
    }

    /// <summary>Every path that a search tries, in order. A name without a folder is left to the loader.</summary>
    internal static IEnumerable<string> Candidates(string library, string? home)
    {
        string[] names = library switch
        {
            CudaLibrary.Driver => ["libcuda.so.1"],
            CudaLibrary.Nvrtc => ["libnvrtc.so.13", "libnvrtc.so.12"],
            CudaLibrary.CublasLt => ["libcublasLt.so.13", "libcublasLt.so.12"],
            _ => throw new ArgumentOutOfRangeException(nameof(library), library, "not a library of CUDA"),
        };
        if (!string.IsNullOrEmpty(home))
        {
            foreach (var folder in new[] { home, Path.Combine(home, "lib64"), Path.Combine(home, "lib") })
            {
                foreach (var name in names) yield return Path.Combine(folder, name);
            }

            if (library != CudaLibrary.Driver) yield break;
        }

        foreach (var name in names) yield return name;
        foreach (var folder in ToolkitFolders().Concat(PythonFolders()))
        {
            foreach (var name in names) yield return Path.Combine(folder, name);
        }
    }

    /// <summary>Loads the first candidate that loads; zero where none does.</summary>
    /// <param name="library">Which.</param>
    /// <param name="home">DFTNATIVE_CUDA_HOME.</param>
    /// <param name="attempts">What was tried; the last is the one that was loaded, where one was.</param>
    internal static nint Load(string library, string? home, out IReadOnlyList<CudaLibraryAttempt> attempts)
    {
        var tried = new List<CudaLibraryAttempt>();
        attempts = tried;
        foreach (var candidate in Candidates(library, home))
        {
            var loaded = NativeLibrary.TryLoad(candidate, out var handle);
            tried.Add(new CudaLibraryAttempt(candidate, loaded ? null : WhyNotLoaded(candidate)));
            if (!loaded) continue;
            if (library == CudaLibrary.Nvrtc) LoadBuiltins(Path.GetDirectoryName(candidate)!);
            return handle;
        }

        if (string.IsNullOrEmpty(home) || library == CudaLibrary.Driver)
        {
            if (!ToolkitFolders().Any()) tried.Add(new CudaLibraryAttempt("/usr/local/cuda*/lib64", NoSuchFolder));
            if (!PythonFolders().Any()) tried.Add(new CudaLibraryAttempt("site-packages/nvidia/*/lib of Python", NoSuchFolder));
        }

        return 0;
    }

    /// <summary>Where a library was looked for. It is loaded by this; one that was not found is looked for anew each time.</summary>
    internal static IReadOnlyList<CudaLibraryAttempt> Find(string library)
    {
        lock (Gate)
        {
            if (Attempts.TryGetValue(library, out var attempts)) return attempts;
            var handle = Load(library, Environment.GetEnvironmentVariable("DFTNATIVE_CUDA_HOME"), out attempts);
            if (handle == 0) return attempts;
            Attempts.Add(library, attempts);
            Loaded.Add(library, handle);
            return attempts;
        }
    }

    /// <summary>The file that a library was loaded from; null where it has not been loaded, or where that cannot be told.</summary>
    internal static string? FileOf(string library)
    {
        lock (Gate)
        {
            return Loaded.TryGetValue(library, out var handle) ? LoadedFile.Of(NativeLibrary.GetExport(handle, AnExport(library))) : null;
        }
    }

    /// <summary>A function that the library has in every version.</summary>
    private static string AnExport(string library) => library switch
    {
        CudaLibrary.Driver => "cuInit",
        CudaLibrary.CublasLt => "cublasLtGetVersion",
        _ => "nvrtcVersion",
    };

    /// <summary>The loader's own words of a file that is there; the last line is about the name as it was asked for.</summary>
    private static string WhyNotLoaded(string candidate)
    {
        if (Path.GetDirectoryName(candidate) is not { Length: > 0 }) return "not on the loader's path";
        if (!File.Exists(candidate)) return NotThere;
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(candidate));
            return "loaded at the second try";
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
        }
    }

    /// <summary>
    /// NVRTC opens its second library by name alone, on the loader's path, even where it lies beside the first. Once that
    /// name is loaded, the loader finds it.
    /// </summary>
    private static void LoadBuiltins(string folder)
    {
        foreach (var file in Files(folder, "libnvrtc-builtins.so.*")) NativeLibrary.TryLoad(file, out _);
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath)
    {
        lock (Gate)
        {
            var attempts = Find(library);
            return Loaded.TryGetValue(library, out var handle) ? handle : throw new CudaLibraryNotFoundException(library, attempts);
        }
    }

    /// <summary>/usr/local/cuda, then its versions, the newest first.</summary>
    private static IEnumerable<string> ToolkitFolders() =>
        Folders("/usr/local", "cuda*").OrderBy(folder => Path.GetFileName(folder) != "cuda")
            .ThenByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "lib64"));

    /// <summary>nvidia/*/lib of the active environment's packages, then of the user's and the system's.</summary>
    private static IEnumerable<string> PythonFolders()
    {
        string?[] prefixes =
        [
            Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("CONDA_PREFIX"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local"), "/usr/local", "/usr",
        ];
        return
            from prefix in prefixes
            where !string.IsNullOrEmpty(prefix)
            from python in Folders(Path.Combine(prefix, "lib"), "python3*")
            from packages in new[] { "site-packages", "dist-packages" }
            from package in Folders(Path.Combine(python, packages, "nvidia"), "*")
            select Path.Combine(package, "lib");
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    private static IEnumerable<string> Folders(string parent, string pattern) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern).Order(StringComparer.Ordinal) : [];
}
